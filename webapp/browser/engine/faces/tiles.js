/** Windows: the squares of a picture that are searched for faces, one after the other, as in core/faces/tiles.py. */

import mien from "../mien.json" with { type: "json" };
import { SIZE } from "./detector.js";
import { window } from "./geometry.js";

/** @typedef {import("./geometry.js").Matrix} Matrix */

/**
 * @typedef {object} Extent
 * @property {number} width
 * @property {number} height
 */

const { SHORT_RANGE } = mien["faces/detector"];
const { SMALLEST, TILES_A_ROUND, LARGEST, OVERLAP } = mien["faces/tiles"];

/**
 * The window that shows all of a picture.
 *
 * @param {Extent} picture
 * @param {number} border Width of the border to show around the picture, in units of its longer side.
 */
export function whole({ width, height }, border) {
  return window([width / 2, height / 2], Math.max(width, height) * (1 + 2 * border), SIZE);
}

/**
 * The whole picture, then ever smaller tiles that overlap by a quarter.
 *
 * @param {Extent} picture
 * @param {number} smallest Side length of the crop of the smallest faces to be found, in pixels.
 * @returns {Matrix[]}
 */
export function pyramidTiles(picture, smallest = SMALLEST) {
  const { width, height } = picture;
  const least = Math.max(smallest, SMALLEST * Math.sqrt((width * height) / LARGEST)) * SHORT_RANGE.reach;
  const longest = Math.max(width, height);
  const levels = Math.max(0, Math.ceil(Math.log(longest / least) / Math.log(SHORT_RANGE.step) - 1e-9));
  const found = [whole(picture, 0)];
  for (let level = 1; level <= levels; level++) {
    const side = longest * (least / longest) ** (level / levels);
    for (const y of centres(height, side)) {
      for (const x of centres(width, side)) found.push(window([x, y], side, SIZE));
    }
  }
  return found;
}

/**
 * Windows to search one after the other over time for new faces: the whole picture, then a few tiles, and so on.
 *
 * @param {Extent} picture
 * @returns {Matrix[]}
 */
export function streamWindows(picture) {
  const smallest = Math.max(2 * SMALLEST, Math.max(picture.width, picture.height) / 27);
  const [first, ...others] = pyramidTiles(picture, smallest);
  return [whole(picture, 0.3), ...others].flatMap((other, index) => (index % TILES_A_ROUND ? [other] : [first, other]));
}

/**
 * Centres of tiles along one axis; the outermost end at the picture's edge.
 *
 * @param {number} length
 * @param {number} side
 */
function centres(length, side) {
  const [first, last] = [side / 2, length - side / 2];
  if (last <= first) return [length / 2];
  const steps = Math.ceil((last - first) / (side * (1 - OVERLAP)));
  return Array.from({ length: steps + 1 }, (_, index) => first + ((last - first) * index) / steps);
}
