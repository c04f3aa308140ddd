/** Pictures: a map of numbers, and rasters of spikes. */

import { color } from "./page.js";

const hex = (text) => [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));

/** The colour of a number from 0 to 1, as on the figures' map of a name: linear between its shades. */
export function shader(name = "map") {
  const shades = color(name).split(", ").map(hex);
  return (value) => {
    const at = Math.min(0.999999, Math.max(0, value)) * (shades.length - 1);
    const [i, part] = [Math.floor(at), at % 1];
    return shades[i].map((c, k) => c + part * (shades[i + 1][k] - c));
  };
}

function picture(rows, columns, paint) {
  const canvas = Object.assign(document.createElement("canvas"), { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) image.data.set(paint(Math.floor(i / columns), i % columns), 4 * i);
  context.putImageData(image, 0, 0);
  return canvas;
}

const painted = new WeakMap();

/** A mark that fills a plot with rows of numbers from 0 to 1, the first at the bottom, in a map's colours. */
export function heatMap(rows, name = "map") {
  if (!painted.has(rows)) {
    const shade = shader(name);
    const last = rows.length - 1;
    painted.set(rows, picture(rows.length, rows[0].length, (i, j) => [...shade(rows[last - i][j]), 255]).toDataURL());
  }
  return (s) => `<image href="${painted.get(rows)}" width="${s.width}" height="${s.height}" preserveAspectRatio="none" opacity="0.85"/>`;
}

/** Unpacks rows of bits, the first of a byte being its highest. */
export function unpack(text, [rows, columns]) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return Array.from({ length: rows }, (_, i) =>
    Uint8Array.from({ length: columns }, (_, j) => {
      const bit = i * columns + j;
      return (bytes[bit >> 3] >> (7 - (bit & 7))) & 1;
    }),
  );
}

/** Draws a raster into a canvas: a spike is a pixel of a colour. */
export function raster(canvas, bits, name) {
  const rgb = hex(color(name));
  const drawn = picture(bits.length, bits[0].length, (i, j) => (bits[i][j] ? [...rgb, 255] : [255, 255, 255, 255]));
  Object.assign(canvas, { width: drawn.width, height: drawn.height });
  canvas.getContext("2d").drawImage(drawn, 0, 0);
}
