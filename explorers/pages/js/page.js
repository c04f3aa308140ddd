/** What every explorer does: read its controls, draw, write numbers, tell screen readers. */

import { format } from "./plot.js";

const controls = () => [...document.querySelectorAll("[data-control]")];

function read(control) {
  if (control.matches("fieldset")) return control.querySelector(":checked").value;
  if (control.type === "checkbox") return control.checked;
  if (control.type !== "range") return control.value;
  return "log" in control.dataset ? 10 ** Number(control.value) : Number(control.value);
}

/** Writes a slider's value beside it, with its unit, and for screen readers. */
function tell(control) {
  if (control.type !== "range") return;
  const value = read(control);
  const said = `${format(value, Number(control.dataset.digits ?? 2))} ${control.dataset.unit ?? ""}`.trim();
  document.querySelector(`output[for="${control.id}"]`).textContent = said;
  control.setAttribute("aria-valuetext", said);
}

/** Sets a control as if the user had, within its range and to its step. */
export function set(id, value) {
  const control = document.getElementById(id);
  if (control.matches("fieldset")) control.querySelector(`[value="${value}"]`).checked = true;
  else control.value = "log" in control.dataset ? Math.log10(value) : value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
}

/** On a phone, shows the first control alone, and the others at a tap. */
function fold() {
  const form = document.querySelector(".panel form");
  const narrow = matchMedia("(max-width: 960px)");
  const more = Object.assign(document.createElement("details"), { className: "more" });
  const rest = document.createElement("div");
  rest.append(...[...form.children].slice(1));
  more.append(Object.assign(document.createElement("summary"), { textContent: "More controls" }), rest);
  form.append(more);
  const follow = () => (more.open = !narrow.matches);
  narrow.addEventListener("change", follow);
  follow();
}

/**
 * Draws whenever a control changes or the window does, once per frame at most.
 * @param {(state: object) => void} draw - gets the controls' values by their ids.
 * @returns {() => void} asks for another drawing.
 */
export function explorer(draw) {
  let pending = 0;
  const now = () => {
    pending = 0;
    controls().forEach(tell);
    draw(Object.fromEntries(controls().map((control) => [control.id, read(control)])));
    document.documentElement.dataset.drawn = Number(document.documentElement.dataset.drawn ?? 0) + 1;
  };
  const ask = () => (pending ||= requestAnimationFrame(now));
  document.addEventListener("input", ask);
  document.addEventListener("reset", ask); // drawn in the next frame, when the controls are reset
  window.addEventListener("resize", ask);
  fold();
  now();
  return ask;
}

/** Shows a number; its full precision goes into an attribute. */
export function show(id, value, digits = 4) {
  const place = document.getElementById(id);
  place.textContent = typeof value === "string" ? value : format(value, digits);
  place.dataset.value = String(value);
}

const memory = {};

/** Keeps the latest result of a name, for as long as its key, what it depends on, is the same. */
export function once(name, key, compute) {
  if (memory[name]?.key !== key) memory[name] = { key, value: compute() };
  return memory[name].value;
}

let speaking = 0;

/** The sentence that sums up what is seen. Screen readers hear it once the controls are at rest. */
export function say(words, wrong = false) {
  const verdict = document.getElementById("verdict");
  verdict.textContent = words;
  verdict.classList.toggle("wrong", wrong);
  clearTimeout(speaking);
  speaking = setTimeout(() => (document.getElementById("spoken").textContent = words), 700);
}

export const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** A colour of the table of looks, as plots have it in either scheme. */
export const color = (name) => getComputedStyle(document.querySelector(".plots > *") ?? document.documentElement).getPropertyValue(`--${name}`).trim();
