/** Finding the faces of a picture, and following those of a stream, as in core/faces/finder.py. */

import mien from "../mien.json" with { type: "json" };
import { round } from "../numbers.js";
import { cropOf } from "./alignment.js";
import { average, FIRST, lookAgain, THREE } from "./close_ups.js";
import { centreOf, intersectionOverUnion, tilt } from "./geometry.js";
import { qualityOf } from "./quality.js";
import { whole } from "./tiles.js";

/** @typedef {import("./detector.js").Detection} Detection */
/** @typedef {import("./detector.js").Detector} Detector */
/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {import("./geometry.js").Matrix} Matrix */
/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {import("./pixels.js").Pixels} Pixels */
/** @typedef {import("./pyramid.js").Pyramid} Pyramid */

/**
 * @typedef {object} Face A face in a picture, in pixels of that picture.
 * @property {Box} box May reach over the picture's edge.
 * @property {number} score Confidence of the detector, 0 to 1.
 * @property {[Point, Point]} eyes The eye on the left of the picture, then the one on the right.
 * @property {Point} mouth
 * @property {import("./quality.js").FaceQuality} quality
 * @property {Pixels} crop The face, upright, in the frame that models read.
 */

const { FOLLOW_BAR, LIKELY_BAR, MOST_FACES, NEW_BAR, PLACES, QUICK_BAR, SAME, SIDE_STEP, TURN_STEP } =
  mien["faces/finder"];

/** Finds faces with the short-range detector. */
export class FaceFinder {
  /** @param {Detector} detector */
  constructor(detector) {
    this.detector = detector;
  }

  /**
   * The faces in a picture, from left to right: the whole picture is searched at once, as Python's quick search does,
   * and what might be a face is looked at again from nearer.
   *
   * @param {Pyramid} pyramid
   * @returns {Face[]}
   */
  find(pyramid) {
    const seen = this.detector.detect(pyramid, whole(pyramid, 0));
    const candidates = distinct(seen.filter((each) => each.score >= LIKELY_BAR && isInside(each, pyramid)));
    const again = candidates.flatMap((candidate) => lookAgain(this.detector, pyramid, candidate, [FIRST]));
    return faces(pyramid, distinct(again.filter((each) => each !== null && each.score >= QUICK_BAR)));
  }

  /**
   * The faces in the next picture of a stream, from left to right.
   *
   * @param {Pyramid} pyramid
   * @param {Face[]} known The faces last seen, where they are expected now.
   * @param {Matrix[]} scan Windows in which to search for new faces.
   * @returns {Face[]}
   */
  follow(pyramid, known, scan) {
    const again = known.flatMap((face) => lookAgain(this.detector, pyramid, settled(face), [FIRST]));
    const found = distinct(again.filter((each) => each && each.score >= FOLLOW_BAR && isInside(each, pyramid)));
    const scanned = scan.flatMap((matrix) => this.detector.detect(pyramid, matrix));
    for (const candidate of distinct(scanned.filter((each) => each.score >= LIKELY_BAR))) {
      if (!isInside(candidate, pyramid) || isOneOf(found, candidate)) continue;
      const looks = lookAgain(this.detector, pyramid, candidate, THREE);
      const total = looks.reduce((sum, each) => sum + (each ? each.score : 0), 0);
      if (total >= NEW_BAR * looks.length) found.push(average(looks));
    }
    return faces(pyramid, distinct(found));
  }
}

/**
 * The surest of each group that lie on one another (non-maximum suppression).
 *
 * @param {(Detection | null)[]} detections
 * @returns {Detection[]}
 */
function distinct(detections) {
  const ordered = detections.filter((each) => each !== null).sort((one, other) => other.score - one.score);
  /** @type {Detection[]} */
  const kept = [];
  for (const each of ordered) if (kept.length < MOST_FACES && !isOneOf(kept, each)) kept.push(each);
  return kept;
}

/**
 * Where to look for a face that was there a moment ago: its box and roll in steps, so that what one picture adds to a
 * window does not add up.
 *
 * @param {Face} face
 * @returns {Detection}
 */
function settled({ box, eyes, score }) {
  const [left, top, width] = box;
  const side = SIDE_STEP ** round(Math.log(Math.max(width, 1)) / Math.log(SIDE_STEP));
  const [x, y] = [left + width / 2, top + width / 2].map((at) => (round((at * PLACES) / side) * side) / PLACES);
  const roll = (round(tilt(...eyes) / TURN_STEP) * TURN_STEP * Math.PI) / 180;
  const points = /** @type {Point[]} */ ([
    [0, 0],
    [Math.cos(roll), Math.sin(roll)],
  ]);
  return { score, points, box: [x - side / 2, y - side / 2, side, side] };
}

/**
 * @param {Detection[]} detections
 * @param {Detection} one
 */
function isOneOf(detections, one) {
  return detections.some((other) => intersectionOverUnion(one.box, other.box) >= SAME);
}

/**
 * Whether the face lies in the picture, not beyond its edge.
 *
 * @param {Detection} detection
 * @param {Pyramid} pyramid
 */
function isInside({ box }, { width, height }) {
  const [x, y] = centreOf(box);
  const margin = 0.1 * box[2];
  return -margin <= x && x <= width + margin && -margin <= y && y <= height + margin;
}

/**
 * @param {Pyramid} pyramid
 * @param {Detection[]} detections
 * @returns {Face[]}
 */
function faces(pyramid, detections) {
  return [...detections]
    .sort((one, other) => one.box[0] - other.box[0])
    .map((detection) => {
      const [left, right, , mouth] = detection.points;
      const crop = cropOf(pyramid, detection);
      const quality = qualityOf(pyramid, crop, detection);
      return { box: detection.box, score: detection.score, eyes: [left, right], mouth, quality, crop };
    });
}
