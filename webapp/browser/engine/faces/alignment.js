/** The aligned crop: any face in the size, place and tilt of FER2013's images, as in core/faces/alignment.py. */

import mien from "../mien.json" with { type: "json" };
import { similarity } from "./geometry.js";

/** @typedef {import("./detector.js").Detection} Detection */
/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {import("./pyramid.js").Pyramid} Pyramid */

/** Side length of the crop, in pixels. */
export const { SIDE } = mien["faces/alignment"];

const { EYES_AND_MOUTH } = mien["faces/alignment"];
const TARGETS = EYES_AND_MOUTH.map(([x, y]) => /** @type {Point} */ ([x * SIDE, y * SIDE]));

/**
 * The aligned crop of a detected face.
 *
 * @param {Pyramid} pyramid
 * @param {Detection} detection
 */
export function cropOf(pyramid, { points: [left, right, , mouth] }) {
  return pyramid.cut(similarity([left, right, mouth], TARGETS), SIDE);
}
