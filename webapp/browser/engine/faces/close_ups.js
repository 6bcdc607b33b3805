/** Close-ups: looking again, from nearer, at what might be a face, as in core/faces/close_ups.py. */

import mien from "../mien.json" with { type: "json" };
import { median } from "../numbers.js";
import { SIZE } from "./detector.js";
import { centreOf, intersectionOverUnion, mirrored, tilt, window } from "./geometry.js";

/** @typedef {import("./detector.js").Detection} Detection */
/** @typedef {import("./detector.js").Detector} Detector */
/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {import("./pixels.js").Border} Border */
/** @typedef {import("./pyramid.js").Pyramid} Pyramid */
/** @typedef {{reach: number, turn: number, mirrored: boolean}} CloseUp One way of looking at a candidate. */

const { ROUGHLY, CLEARLY } = mien["faces/close_ups"];

/** The one look that says most, and three that decide whether a face appears in a stream. */
export const { FIRST, THREE } = mien["faces/close_ups"];

/**
 * Search for a candidate in close-ups of it; once one has found it, the others look where that one saw it.
 *
 * @param {Detector} detector
 * @param {Pyramid} pyramid
 * @param {Detection} candidate
 * @param {CloseUp[]} closeUps
 * @returns {(Detection | null)[]} What each close-up found in the candidate's place.
 */
export function lookAgain(detector, pyramid, candidate, closeUps) {
  let least = ROUGHLY;
  /** @type {Border[]} */
  let borders = isCutOff(candidate, pyramid) ? ["constant", "reflect"] : ["constant"];
  return closeUps.map((one) => {
    const [left, right] = candidate.points;
    const plain = window(centreOf(candidate.box), candidate.box[2] * one.reach, SIZE, tilt(left, right) + one.turn);
    const matrix = one.mirrored ? mirrored(plain, SIZE) : plain;
    let best = null;
    let through = borders;
    for (const border of borders) {
      const found = inPlace(detector.detect(pyramid, matrix, border), candidate, least);
      if (found && !(best && best.score >= found.score)) [best, through] = [found, [border]];
    }
    borders = through;
    if (best && least === ROUGHLY) [candidate, least] = [best, CLEARLY];
    return best;
  });
}

/**
 * The median place of what close-ups found, under their mean score; a close-up that found nothing scores 0.
 *
 * @param {(Detection | null)[]} found Not all null.
 * @returns {Detection}
 */
export function average(found) {
  const again = found.filter((each) => each !== null);
  const [first] = again;
  return {
    score: again.reduce((sum, each) => sum + each.score, 0) / found.length,
    points: first.points.map((_, index) => [
      median(again.map((each) => each.points[index][0])),
      median(again.map((each) => each.points[index][1])),
    ]),
    box: /** @type {Box} */ (first.box.map((_, index) => median(again.map((each) => each.box[index])))),
  };
}

/**
 * Whether the picture's edge cuts a detection's box.
 *
 * @param {Detection} detection
 * @param {{width: number, height: number}} picture
 */
export function isCutOff({ box: [left, top, width, height] }, picture) {
  return left < 0 || top < 0 || left + width > picture.width || top + height > picture.height;
}

/**
 * @param {Detection[]} detections
 * @param {Detection} candidate
 * @param {number} least
 */
function inPlace(detections, candidate, least) {
  let best = null;
  for (const each of detections) {
    const isSame = intersectionOverUnion(each.box, candidate.box) > least;
    if (isSame && (!best || each.score > best.score)) best = each;
  }
  return best;
}
