/** The frames around faces, drawn over the camera's picture or a photo. */

import { caption, readingColour } from "./look.js";

/** @typedef {import("./engine.js").ShownFrame} ShownFrame */

/**
 * Draw the faces of a frame; the canvas gets the frame's size.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {ShownFrame} frame
 * @param {boolean} isMirrored Whether left and right change places, as in a mirror; words stay readable.
 */
export function draw(canvas, frame, isMirrored) {
  if (canvas.width !== frame.width || canvas.height !== frame.height) {
    Object.assign(canvas, { width: frame.width, height: frame.height });
  }
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.clearRect(0, 0, frame.width, frame.height);
  const size = Math.max(12, frame.width / 36);
  pen.font = `600 ${size}px system-ui, sans-serif`;
  pen.textBaseline = "middle";
  pen.lineWidth = size / 6;
  for (const reading of frame.readings) {
    const [left, top, width, height] = reading.face.box;
    const x = isMirrored ? frame.width - left - width : left;
    const colour = readingColour(reading);
    pen.strokeStyle = pen.fillStyle = colour;
    pen.strokeRect(x, top, width, height);
    const words = `${reading.number === null ? "" : `${reading.number} · `}${caption(reading)}`;
    const [wide, high] = [pen.measureText(words).width + size, size * 1.5];
    const above = top - high < 0 ? top : top - high; // in the picture, and not cut off by it
    const at = Math.min(Math.max(x, 0), frame.width - wide);
    pen.fillRect(at, above, wide, high);
    pen.fillStyle = inkOn(colour);
    pen.fillText(words, at + size / 2, above + high / 2);
  }
}

/**
 * Black or white, whichever is easier to read on a colour (the contrast of WCAG 2).
 *
 * @param {string} colour As "#rrggbb".
 */
function inkOn(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(colour.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#000000" : "#ffffff";
}

/** @param {HTMLCanvasElement} canvas */
export function clear(canvas) {
  canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
}
