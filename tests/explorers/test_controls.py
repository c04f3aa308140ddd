"""Controls of every explorer: each has an effect, and Reset undoes them all."""

import pytest

from explorers import __main__ as explorers
from tests.explorers.opened import Explorer

SEEN = """() => {
    const seen = document.querySelector(".stage").cloneNode(true);
    seen.querySelectorAll("form, #spoken").forEach(part => part.remove());
    for (const { classList } of seen.querySelectorAll("[class]")) {
        classList.value = [...classList].sort().join(" ");
    }
    const page = seen.innerHTML.replaceAll(' class=""', "");
    return [page, ...Array.from(document.querySelectorAll("canvas"), c => c.toDataURL())];
}"""
"""Plots, pictures and numbers, without the controls themselves."""

CHOSEN = "() => Array.from(document.querySelectorAll('.stage input'), x => [x.value, x.checked])"

OTHER = """control => {
    const { min, value } = control;
    return control.matches("fieldset") ? control.querySelector("input:not(:checked)").value
        : Number(value) === Number(min) ? control.max : min;
}"""
"""A value of a control other than its value now."""


def state(opened):
    return opened.page.evaluate(SEEN), opened.page.evaluate(CHOSEN)


def move(opened, control):
    """Give a control another value, and check that more than the control changes."""
    before = opened.page.evaluate(SEEN)
    id = control.get_attribute("id")
    opened.set(**{id: control.evaluate(OTHER)})
    assert opened.page.evaluate(SEEN) != before, id


def resets(opened, button, first):
    """Whatever has been pressed and moved, the page is as it was at first."""
    move(opened, opened.page.locator("[data-control]").last)
    opened.after(button.click)
    assert state(opened) == first


def draws_trials(opened, button, first):
    mean = opened.number("mean")
    opened.after(button.click)
    assert opened.number("mean") != mean


def shows_the_next_trial(opened, button, first):
    opened.set(trial=7)
    opened.after(button.click)
    assert opened.page.locator("#trial").input_value() == "8"


def goes_around(opened, button, first):
    opened.set(angle=0)
    button.click()
    opened.page.wait_for_function("document.getElementById('angle').value === '360'")


PLAY = """button => new Promise(done => {
    const epochs = [];
    const note = () => epochs.push(Number(document.querySelector("#epoch :checked").value));
    document.addEventListener("input", note);
    new MutationObserver(() => button.textContent === "Play" && done(epochs))
        .observe(button, { childList: true });
    button.click();
})"""

PRESS_BOTH = """([one, other]) => {
    one.click();
    const between = one.textContent;
    other.click();
    return [between, one.textContent, document.querySelector("#epoch :checked").value];
}"""


def plays(opened, button, first):
    """From the end it begins again; a second press stops it, and so does Reset."""
    assert button.evaluate(PLAY) == [0, 25, 150, 425, 850, 1500]
    play = button.element_handle()
    reset = opened.page.get_by_role("button", name="Reset").element_handle()
    for other, epoch in ((play, "0"), (reset, "1500")):
        stopped = opened.page.evaluate(PRESS_BOTH, [play, other])
        assert stopped == ["Pause", "Play", epoch]
        opened.page.wait_for_timeout(1200)  # longer than a picture is shown
        assert opened.page.evaluate("document.querySelector('#epoch :checked').value") == epoch


COPY = """button => new Promise(done => {
    new MutationObserver(() => done(button.textContent)).observe(button, { childList: true });
    button.click();
})"""


def copies_the_code(opened, button, first):
    page = opened.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    assert button.evaluate(COPY) == "Copied"
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#code").text_content() != ""
    page.get_by_role("button", name="Copy", exact=True).wait_for()


def shows_its_code(opened, button, first):
    opened.after(button.click)
    assert button.get_attribute("aria-pressed") == "true"
    assert opened.page.locator("#code_of").text_content().endswith(f"{button.inner_text()}:")


EFFECTS = {
    "Reset": resets,
    "New trials": draws_trials,
    "Next trial": shows_the_next_trial,
    "Go around": goes_around,
    "Play": plays,
    "Copy": copies_the_code,
}
"""What every button does, beside those of the atlas's estimators."""


@pytest.mark.parametrize("name", explorers.names())
def test_every_button_does_what_it_says(browser, site, name):
    opened = Explorer(browser, site, name)
    first = state(opened)
    for button in opened.page.locator("button").all():
        in_table = button.get_attribute("data-name") is not None
        effect = shows_its_code if in_table else EFFECTS[button.inner_text()]
        effect(opened, button, first)
    opened.close()


@pytest.mark.parametrize("name", explorers.names())
def test_every_control_has_an_effect_that_reset_undoes(browser, site, name):
    opened = Explorer(browser, site, name)
    first = state(opened)
    reset = opened.page.get_by_role("button", name="Reset")
    for control in opened.page.locator("[data-control]").all():
        move(opened, control)
        if reset.count():
            opened.after(reset.click)
        else:
            opened.open()
        assert state(opened) == first
    opened.close()
