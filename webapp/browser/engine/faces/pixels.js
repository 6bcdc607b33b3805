/** Pictures and what OpenCV does to them, to the grey level: sampling, halving and shrinking, grey, and L*a*b*. */

import { round } from "../numbers.js";
import { determinant } from "./geometry.js";

/** @typedef {import("./geometry.js").Matrix} Matrix */

/**
 * @typedef {object} Pixels Channels lie side by side, row after row.
 * @property {number} width
 * @property {number} height
 * @property {number} channels 4 in a camera's picture (red, green, blue, opaque), 3 in a patch.
 * @property {Uint8Array | Uint8ClampedArray} data
 */

/** @typedef {"constant" | "reflect"} Border What lies beyond the edge: a mid grey, or the mirror image. */

const GREY = 127;
const ROUNDING = 2 ** 23; // a single-precision number of this size has no fraction: half goes to even

/**
 * The patch that a matrix maps a picture onto, sampled from the picture as it is (`cv2.warpAffine`, `INTER_LINEAR`).
 *
 * @param {Pixels} picture
 * @param {Matrix} matrix From the picture to the patch.
 * @param {number} size Side length of the patch, in pixels.
 * @param {Border} border
 * @returns {Pixels} Of three channels.
 */
export function cutPatch(picture, matrix, size, border) {
  const { width, height, channels, data } = picture;
  const [a, b, c, d, e, f] = backward(matrix);
  const out = new Uint8Array(size * size * 3);
  const isReflected = border === "reflect";
  let at = 0;
  for (let row = 0; row < size; row++) {
    const across = Math.fround(b * row + c);
    const along = Math.fround(e * row + f);
    for (let column = 0; column < size; column++) {
      const x = Math.fround(a * column + across);
      const y = Math.fround(d * column + along);
      let x0 = Math.floor(x);
      let y0 = Math.floor(y);
      const right = x - x0; // shares of the pixels on the right and below
      const down = y - y0;
      let x1 = x0 + 1;
      let y1 = y0 + 1;
      const isInside = x0 >= 0 && y0 >= 0 && x1 < width && y1 < height;
      if (isReflected && !isInside) {
        x0 = reflected(x0, width);
        x1 = reflected(x1, width);
        y0 = reflected(y0, height);
        y1 = reflected(y1, height);
      }
      const isIn = isInside || isReflected;
      const above = y0 * width;
      const below = y1 * width;
      for (let channel = 0; channel < 3; channel++) {
        const p00 = isIn ? data[(above + x0) * channels + channel] : valueAt(picture, x0, y0, channel);
        const p01 = isIn ? data[(above + x1) * channels + channel] : valueAt(picture, x1, y0, channel);
        const p10 = isIn ? data[(below + x0) * channels + channel] : valueAt(picture, x0, y1, channel);
        const p11 = isIn ? data[(below + x1) * channels + channel] : valueAt(picture, x1, y1, channel);
        const upper = Math.fround(p00 + right * (p01 - p00));
        const lower = Math.fround(p10 + right * (p11 - p10));
        out[at++] = Math.fround(upper + down * Math.fround(lower - upper) + ROUNDING) - ROUNDING;
      }
    }
  }
  return { width: size, height: size, channels: 3, data: out };
}

/**
 * The inverse of a map between corners of pixels, as a map between their centres, in single precision.
 *
 * @param {Matrix} matrix
 */
function backward(matrix) {
  const [a, b, , d, e] = matrix;
  const c = matrix[2] - 0.5 + (a + b) / 2;
  const f = matrix[5] - 0.5 + (d + e) / 2;
  const factor = 1 / determinant(matrix);
  const [across, down] = [
    [e * factor, -b * factor],
    [-d * factor, a * factor],
  ];
  const shift = [-across[0] * c - across[1] * f, -down[0] * c - down[1] * f];
  return [Math.fround(across[0]), across[1], shift[0], Math.fround(down[0]), down[1], shift[1]];
}

/**
 * @param {number} index
 * @param {number} length
 */
function reflected(index, length) {
  if (index >= 0 && index < length) return index;
  const period = 2 * length;
  const inside = ((index % period) + period) % period;
  return inside < length ? inside : period - 1 - inside;
}

/**
 * @param {Pixels} picture
 * @param {number} x
 * @param {number} y
 * @param {number} channel
 */
function valueAt({ width, height, channels, data }, x, y, channel) {
  return x < 0 || y < 0 || x >= width || y >= height ? GREY : data[(y * width + x) * channels + channel];
}

/**
 * A smaller copy, each pixel the mean of the area that it covers (`cv2.resize`, `INTER_AREA`).
 *
 * @param {Pixels} picture
 * @param {number} width
 * @param {number} height
 * @returns {Pixels}
 */
export function shrunk(picture, width, height) {
  const { channels } = picture;
  const data = new Uint8Array(width * height * channels);
  if (picture.width === 2 * width && picture.height === 2 * height) {
    halve(picture, data);
  } else {
    averageAreas(picture, shares(picture.width, width), shares(picture.height, height), data);
  }
  return { width, height, channels, data };
}

/**
 * @param {Pixels} picture
 * @param {Uint8Array} out
 */
function halve({ width, height, channels, data }, out) {
  const below = width * channels;
  let at = 0;
  for (let y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2) {
      const from = (y * width + x) * channels;
      for (let channel = 0; channel < channels; channel++) {
        const one = from + channel;
        out[at++] = (data[one] + data[one + channels] + data[one + below] + data[one + below + channels] + 2) >> 2;
      }
    }
  }
}

/**
 * Which pixels make up each pixel of a shorter line, and their shares.
 *
 * @param {number} length
 * @param {number} wanted
 * @returns {{from: number, weights: number[]}[]}
 */
function shares(length, wanted) {
  const scale = length / wanted;
  return Array.from({ length: wanted }, (_, index) => {
    const [start, end] = [index * scale, Math.min((index + 1) * scale, length)];
    const [from, to] = [Math.floor(start + 1e-3), Math.ceil(end - 1e-3)];
    const weights = [];
    for (let each = from; each < to; each++) {
      weights.push(Math.fround((Math.min(each + 1, end) - Math.max(each, start)) / (end - start)));
    }
    return { from, weights };
  });
}

/**
 * @param {Pixels} picture
 * @param {{from: number, weights: number[]}[]} columns
 * @param {{from: number, weights: number[]}[]} rows
 * @param {Uint8Array} out
 */
function averageAreas({ width, channels, data }, columns, rows, out) {
  let at = 0;
  for (const row of rows) {
    for (const column of columns) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        row.weights.forEach((down, y) => {
          const line = ((row.from + y) * width + column.from) * channels + channel;
          let inLine = 0;
          column.weights.forEach((across, x) => (inLine += across * data[line + x * channels]));
          sum += down * inLine;
        });
        out[at++] = round(Math.fround(sum));
      }
    }
  }
}

/**
 * The grey levels of a patch, weighed as Rec. 601 does (`cv2.COLOR_RGB2GRAY`).
 *
 * @param {Pixels} patch
 */
export function grey({ channels, data }) {
  const out = new Uint8Array(data.length / channels);
  for (let i = 0, at = 0; at < out.length; i += channels) {
    out[at++] = (data[i] * 9798 + data[i + 1] * 19235 + data[i + 2] * 3735 + 16384) >> 15;
  }
  return out;
}

// CIE L*a*b* under D65 in whole numbers, as OpenCV has it for bytes: linear light in 1/8 of a grey level, coefficients
// in 1/4096, cube roots in 1/32768.
const [SHIFT, ROOT_SHIFT] = [12, 15];
const LINEAR = Uint16Array.from({ length: 256 }, (_, level) => {
  const x = level / 255;
  return round(2040 * (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
});
const ROOTS = Uint16Array.from({ length: 3072 }, (_, index) => {
  const x = index / 2040;
  return round((1 << ROOT_SHIFT) * (x < 216 / 24389 ? (x * 841) / 108 + 16 / 116 : Math.cbrt(x)));
});
const TO_XYZ = [
  [0.412453 / 0.950456, 0.35758 / 0.950456, 0.180423 / 0.950456],
  [0.212671, 0.71516, 0.072169],
  [0.019334 / 1.088754, 0.119193 / 1.088754, 0.950227 / 1.088754],
].map((row) => row.map((value) => round(value * (1 << SHIFT))));
const LIGHTNESS = Math.trunc((116 * 255 + 50) / 100);
const DARKEST = -Math.trunc((16 * 255 * (1 << ROOT_SHIFT) + 50) / 100);

/**
 * Lightness and the two colour axes of a patch, 0 to 255 each (`cv2.COLOR_RGB2LAB`).
 *
 * @param {Pixels} patch
 */
export function lab({ channels, data }) {
  const out = new Uint8ClampedArray((data.length / channels) * 3);
  for (let i = 0, at = 0; i < data.length; i += channels) {
    const [red, green, blue] = [LINEAR[data[i]], LINEAR[data[i + 1]], LINEAR[data[i + 2]]];
    const [x, y, z] = TO_XYZ.map((row) => ROOTS[descaled(red * row[0] + green * row[1] + blue * row[2], SHIFT)]);
    out[at++] = descaled(LIGHTNESS * y + DARKEST, ROOT_SHIFT);
    out[at++] = descaled(500 * (x - y) + 128 * (1 << ROOT_SHIFT), ROOT_SHIFT);
    out[at++] = descaled(200 * (y - z) + 128 * (1 << ROOT_SHIFT), ROOT_SHIFT);
  }
  return out;
}

/**
 * @param {number} value
 * @param {number} shift
 */
function descaled(value, shift) {
  return (value + (1 << (shift - 1))) >> shift;
}
