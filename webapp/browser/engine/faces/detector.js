/** BlazeFace for faces near the camera, on one small patch of a picture, as in core/faces/detector.py. */

import mien from "../mien.json" with { type: "json" };
import { spread } from "../numbers.js";
import { apply, determinant, intersectionOverUnion, inverse } from "./geometry.js";

/** @typedef {import("./geometry.js").Box} Box */
/** @typedef {import("./geometry.js").Matrix} Matrix */
/** @typedef {import("./geometry.js").Point} Point */
/** @typedef {import("./pixels.js").Border} Border */
/** @typedef {import("./pixels.js").Pixels} Pixels */
/** @typedef {import("./pyramid.js").Pyramid} Pyramid */
/** @typedef {import("../inference/network.js").Network} Network */

/**
 * @typedef {object} Detection A face as the detector finds it, in pixels of the picture.
 * @property {number} score How sure the detector is, 0 to 1.
 * @property {Point[]} points The eye on the left, the eye on the right, nose tip, mouth, and the two ears.
 * @property {Box} box
 */

const { SHORT_RANGE, FLAT, SAME } = mien["faces/detector"];
const NUMBERS = 16; // of each anchor: the middle of the box, width and height, and six points

/** Side length of the patch that the network takes, in pixels. */
export const SIZE = SHORT_RANGE.size;

/** The network that finds faces. */
export class Detector {
  /** @param {Network} network */
  constructor(network) {
    this.network = network;
    this.anchors = anchors();
    this.input = new Float32Array(SIZE * SIZE * 3);
  }

  /**
   * The faces in one patch of a picture, the surest first.
   *
   * @param {Pyramid} pyramid
   * @param {Matrix} matrix From the picture onto a patch of `SIZE`.
   * @param {Border} border What lies beyond the picture's edge.
   * @returns {Detection[]}
   */
  detect(pyramid, matrix, border = "constant") {
    const patch = pyramid.cut(matrix, SIZE, border);
    if (isFlat(patch)) return [];
    for (let i = 0; i < this.input.length; i++) this.input[i] = patch.data[i] / 127.5 - 1;
    const { regressors, classificators } = this.network.run(this.input);
    const bar = Math.log(SHORT_RANGE.lowest / (1 - SHORT_RANGE.lowest));
    const found = [];
    for (let anchor = 0; anchor < classificators.length; anchor++) {
      if (classificators[anchor] < bar) continue;
      found.push({ score: 1 / (1 + Math.exp(-classificators[anchor])), values: this.values(regressors, anchor) });
    }
    const back = inverse(matrix);
    return merged(found).map(({ score, values }) => detection(score, values, back));
  }

  /**
   * What the network says at one anchor, in pixels of the patch.
   *
   * @param {Float32Array} regressors
   * @param {number} anchor
   * @returns {Point[]} The middle of the box, its width and height, and the six points.
   */
  values(regressors, anchor) {
    const [x, y] = this.anchors[anchor];
    const values = regressors.subarray(anchor * NUMBERS, (anchor + 1) * NUMBERS);
    return Array.from({ length: NUMBERS / 2 }, (_, pair) => {
      const [across, down] = [values[2 * pair], values[2 * pair + 1]];
      return pair === 1 ? [across, down] : [across + x, down + y];
    });
  }
}

/** Centres of the network's anchors, in pixels of the patch. */
function anchors() {
  /** @type {Point[]} */
  const centres = [];
  for (const [cells, count] of SHORT_RANGE.grids) {
    const step = SIZE / cells;
    for (let y = 0; y < cells; y++) {
      for (let x = 0; x < cells; x++) {
        for (let each = 0; each < count; each++) centres.push([(x + 0.5) * step, (y + 0.5) * step]);
      }
    }
  }
  return centres;
}

/**
 * Whether there is nothing to find: sky, a wall, the dark.
 *
 * @param {Pixels} patch
 */
function isFlat({ width, height, data }) {
  const greens = [];
  for (let y = 0; y < height; y += 4) {
    for (let x = 0; x < width; x += 4) greens.push(data[(y * width + x) * 3 + 1]);
  }
  return spread(greens).deviation < FLAT;
}

/**
 * Detections that lie on one another become one: the mean weighted by score, under the best score.
 *
 * @param {{score: number, values: Point[]}[]} found
 */
function merged(found) {
  let rest = found
    .map((each) => ({ ...each, box: boxOf(each.values) }))
    .sort((one, other) => other.score - one.score);
  const kept = [];
  while (rest.length) {
    const [best] = rest;
    const isSame = rest.map((each) => each === best || intersectionOverUnion(each.box, best.box) > SAME);
    const group = rest.filter((_, index) => isSame[index]);
    rest = rest.filter((_, index) => !isSame[index]);
    kept.push({ score: best.score, values: weightedMean(group) });
  }
  return kept;
}

/**
 * @param {Point[]} values
 * @returns {Box}
 */
function boxOf([[x, y], [width, height]]) {
  return [x - width / 2, y - height / 2, width, height];
}

/**
 * @param {{score: number, values: Point[]}[]} group
 * @returns {Point[]}
 */
function weightedMean(group) {
  const weight = group.reduce((sum, each) => sum + each.score, 0);
  return group[0].values.map((_, pair) => {
    const [x, y] = [0, 1].map((axis) => group.reduce((sum, each) => sum + each.score * each.values[pair][axis], 0));
    return [x / weight, y / weight];
  });
}

/**
 * @param {number} score
 * @param {Point[]} values
 * @param {Matrix} back From the patch to the picture.
 * @returns {Detection}
 */
function detection(score, [centre, [width, height], ...places], back) {
  const area = determinant(back);
  const [x, y] = apply(back, centre);
  const scale = Math.sqrt(Math.abs(area));
  let points = places.map((point) => apply(back, point));
  if (area < 0) points = [1, 0, 2, 3, 5, 4].map((index) => points[index]); // found in a mirror image
  return { score, points, box: boxOf([[x, y], [width * scale, height * scale]]) };
}
