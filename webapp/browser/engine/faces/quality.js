/** How well a found face can be seen, as in core/faces/quality.py. */

import { clip, spread } from "../numbers.js";
import { tilt } from "./geometry.js";
import { grey } from "./pixels.js";

/** @typedef {import("./detector.js").Detection} Detection */
/** @typedef {import("./pixels.js").Pixels} Pixels */

/**
 * @typedef {object} FaceQuality
 * @property {number} inside Share of the face that lies in the picture, 0 to 1.
 * @property {number} pixels Distance between the eyes, in pixels of the picture.
 * @property {number} turn Turn of the head aside, from 0, towards the camera, to 1, a profile.
 * @property {number} roll Tilt of the head, in degrees, positive clockwise in the picture.
 * @property {number} sharpness Detail of the face, from 0, fully blurred, to 1.
 * @property {number} light Mean brightness of the face, 0 to 1.
 */

/**
 * How well a face can be seen.
 *
 * @param {{width: number, height: number}} picture
 * @param {Pixels} crop The face's aligned crop.
 * @param {Detection} detection
 * @returns {FaceQuality}
 */
export function qualityOf(picture, crop, { box, points: [left, right, nose] }) {
  const [x, y] = [right[0] - left[0], right[1] - left[1]];
  const distance = Math.hypot(x, y);
  const aside = Math.abs((nose[0] - (left[0] + right[0]) / 2) * x + (nose[1] - (left[1] + right[1]) / 2) * y);
  const levels = grey(crop);
  const { mean, deviation } = spread(levels);
  const seen = (/** @type {number} */ axis, /** @type {number} */ length) =>
    clip(box[axis] + box[axis + 2], 0, length) - clip(box[axis], 0, length);
  return {
    inside: (seen(0, picture.width) * seen(1, picture.height)) / (box[2] * box[3]),
    pixels: distance,
    turn: Math.min(aside / Math.max(distance, 1e-6) ** 2, 1),
    roll: tilt(left, right),
    sharpness: Math.min(spread(laplacian(levels, crop.width)).deviation / (deviation + 1), 1),
    light: mean / 255,
  };
}

/**
 * Hints for the person on how to be read better; empty where the face can be seen well. As `FaceQuality.hints` in
 * core/readings.py.
 *
 * @param {FaceQuality} quality
 */
export function hintsOf({ inside, pixels, turn, light, sharpness }) {
  /** @type {[boolean, string][]} */
  const hints = [
    [inside < 0.8, "cut off: move into the picture"],
    [pixels < 12, "too small: come closer"],
    [turn > 0.55, "turn to the camera"],
    [light < 0.18, "too dark: add light"],
    [light > 0.92, "too bright: soften the light"],
    [sharpness < 0.25, "blurred: hold still or focus"],
  ];
  return hints.filter(([isBad]) => isBad).map(([, hint]) => hint);
}

/**
 * Second derivative of a square of grey levels (`cv2.Laplacian`), which goes on beyond its edge as a mirror image.
 *
 * @param {Uint8Array} levels
 * @param {number} side
 */
function laplacian(levels, side) {
  const inside = (/** @type {number} */ at) => (at < 0 ? 1 : at >= side ? side - 2 : at);
  return levels.map.call(Float32Array.from(levels), (level, index) => {
    const [x, y] = [index % side, Math.floor(index / side)];
    const sides = levels[y * side + inside(x - 1)] + levels[y * side + inside(x + 1)];
    return sides + levels[inside(y - 1) * side + x] + levels[inside(y + 1) * side + x] - 4 * level;
  });
}
