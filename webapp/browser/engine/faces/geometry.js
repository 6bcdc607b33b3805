/**
 * Plane geometry, as in core/faces/geometry.py: similarity maps from a picture to a patch, and the overlap of boxes.
 *
 * Points are [x, y] in pixels, y downwards, and the corner of the first pixel is [0, 0]. A matrix [a, b, c, d, e, f]
 * maps x to a x + b y + c and y to d x + e y + f.
 */

/** @typedef {[number, number]} Point Position in pixels: x, then y. */
/** @typedef {[number, number, number, number]} Box Left, top, width and height, in pixels. */
/** @typedef {[number, number, number, number, number, number]} Matrix Two rows of three. */

/**
 * The rotation, scale and shift that brings points nearest to targets (least squares; Umeyama 1991).
 *
 * @param {Point[]} points At least two different points.
 * @param {Point[]} targets Where each of them should come to lie.
 * @returns {Matrix}
 */
export function similarity(points, targets) {
  const [x, y] = mean(points);
  const [u, v] = mean(targets);
  let real = 0;
  let imaginary = 0;
  let spread = 0;
  points.forEach(([px, py], index) => {
    const [ax, ay] = [px - x, py - y];
    const [bx, by] = [targets[index][0] - u, targets[index][1] - v];
    real += ax * bx + ay * by;
    imaginary += ax * by - ay * bx;
    spread += ax * ax + ay * ay;
  });
  spread = Math.max(spread, 1e-9);
  return about(real / spread, imaginary / spread, [x, y], [u, v]);
}

/**
 * The map that brings a square window of a picture onto a patch.
 *
 * @param {Point} centre Centre of the window, in pixels of the picture.
 * @param {number} side Side length of the window, in pixels of the picture.
 * @param {number} size Side length of the patch, in pixels.
 * @param {number} turn Rotation of the window, in degrees, clockwise in the picture.
 * @returns {Matrix}
 */
export function window(centre, side, size, turn = 0) {
  const angle = (-turn * Math.PI) / 180;
  const scale = size / side;
  return about(scale * Math.cos(angle), scale * Math.sin(angle), centre, [size / 2, size / 2]);
}

/**
 * The map onto the mirror image, left for right, of the patch of the given size that a matrix leads to.
 *
 * @param {Matrix} matrix
 * @param {number} size
 * @returns {Matrix}
 */
export function mirrored([a, b, c, d, e, f], size) {
  return [-a, -b, size - c, d, e, f];
}

/**
 * The map from the patch back to the picture.
 *
 * @param {Matrix} matrix
 * @returns {Matrix}
 */
export function inverse(matrix) {
  const [a, b, c, d, e, f] = matrix;
  const area = determinant(matrix);
  return [e / area, -b / area, (b * f - c * e) / area, -d / area, a / area, (c * d - a * f) / area];
}

/**
 * A point mapped by a matrix.
 *
 * @param {Matrix} matrix
 * @param {Point} point
 * @returns {Point}
 */
export function apply([a, b, c, d, e, f], [x, y]) {
  return [a * x + b * y + c, d * x + e * y + f];
}

/**
 * By how much a matrix enlarges areas; below 0 where it mirrors.
 *
 * @param {Matrix} matrix
 */
export function determinant([a, b, , d, e]) {
  return a * e - b * d;
}

/**
 * How many pixels of the patch one pixel of the picture becomes, along a side.
 *
 * @param {Matrix} matrix
 */
export function scaleOf(matrix) {
  return Math.sqrt(Math.abs(determinant(matrix)));
}

/**
 * How far the line between two points is turned in the picture, in degrees clockwise.
 *
 * @param {Point} left
 * @param {Point} right
 */
export function tilt(left, right) {
  return (Math.atan2(right[1] - left[1], right[0] - left[0]) * 180) / Math.PI;
}

/**
 * How far two boxes lie on one another: the area that they share, as a share of the area that both cover, 0 to 1.
 *
 * @param {Box} one
 * @param {Box} other
 */
export function intersectionOverUnion(one, other) {
  const width = Math.min(one[0] + one[2], other[0] + other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[1] + one[3], other[1] + other[3]) - Math.max(one[1], other[1]);
  const shared = Math.max(width, 0) * Math.max(height, 0);
  return shared / (one[2] * one[3] + other[2] * other[3] - shared);
}

/**
 * The middle of a box.
 *
 * @param {Box} box
 * @returns {Point}
 */
export function centreOf([left, top, width, height]) {
  return [left + width / 2, top + height / 2];
}

/**
 * The map that turns and scales by a complex factor and brings one point onto another.
 *
 * @param {number} real
 * @param {number} imaginary
 * @param {Point} from
 * @param {Point} to
 * @returns {Matrix}
 */
function about(real, imaginary, [x, y], [u, v]) {
  return [real, -imaginary, u - (real * x - imaginary * y), imaginary, real, v - (imaginary * x + real * y)];
}

/**
 * @param {Point[]} points
 * @returns {Point}
 */
function mean(points) {
  const [x, y] = points.reduce(([sumX, sumY], [px, py]) => [sumX + px, sumY + py], [0, 0]);
  return [x / points.length, y / points.length];
}
