/** What a face looks like, to tell people apart, as `appearance_of` in core/streams/tracking.py. */

import mien from "../mien.json" with { type: "json" };
import { spread } from "../numbers.js";
import { lab, shrunk } from "../faces/pixels.js";

/** @typedef {import("../faces/pixels.js").Pixels} Pixels */

const { COLOUR_BINS, LIGHTNESS_BINS, MEAN_LIGHTNESS, SIDE } = mien["streams/tracking"];

/**
 * A crop as a unit vector; the dot product of two such vectors is their likeness, about 0 to 1. Half of it is the crop
 * in few pixels, half a histogram of its colours.
 *
 * @param {Pixels} crop
 * @returns {number[]}
 */
export function appearanceOf(crop) {
  const small = [...shrunk(crop, SIDE, SIDE).data];
  const { mean } = spread(small);
  const shape = unit(small.map((value) => value - mean));
  return [...shape, ...unit(colours(crop).map(Math.sqrt))].map((value) => value * Math.SQRT1_2);
}

/**
 * A vector of length 1 in the same direction.
 *
 * @param {number[]} vector
 */
export function unit(vector) {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0)) + 1e-6;
  return vector.map((value) => value / length);
}

/** @param {Pixels} crop */
function colours(crop) {
  const values = lab(shrunk(crop, 24, 24));
  const { mean } = spread(values.filter((_, index) => index % 3 === 0));
  const brighter = MEAN_LIGHTNESS / Math.max(mean, 10); // or a flickering lamp would look like another person
  const bins = [LIGHTNESS_BINS, COLOUR_BINS, COLOUR_BINS];
  const counts = new Array(bins[0] * bins[1] * bins[2]).fill(0);
  for (let i = 0; i < values.length; i += 3) {
    const lightness = Math.min(Math.fround(values[i] * Math.fround(brighter)), 255);
    const [l, a, b] = [(lightness * bins[0]) / 256, ((values[i + 1] - 96) * bins[1]) / 80, ((values[i + 2] - 96) * bins[2]) / 96].map(Math.floor);
    if (a >= 0 && a < bins[1] && b >= 0 && b < bins[2]) counts[(l * bins[1] + a) * bins[2] + b] += 1;
  }
  // Spread over the neighbouring bins along each axis, so that a slight tint moves little.
  return [bins[1] * bins[2], bins[2], 1].reduce((kept, stride, axis) => blurred(kept, stride, bins[axis]), counts);
}

/**
 * Values with twice their own weight and once that of either neighbour along one axis.
 *
 * @param {number[]} values
 * @param {number} stride Distance between neighbours.
 * @param {number} length Number of values along the axis.
 */
function blurred(values, stride, length) {
  return values.map((value, index) => {
    const place = Math.floor(index / stride) % length;
    const before = place > 0 ? values[index - stride] : 0;
    const after = place < length - 1 ? values[index + stride] : 0;
    return before + 2 * value + after;
  });
}
