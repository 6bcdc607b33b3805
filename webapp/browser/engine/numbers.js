/** Numbers as NumPy and OpenCV compute them, where JavaScript's own way differs. */

/**
 * The nearest whole number, and of two as near the even one, as NumPy and OpenCV round; `Math.round` takes the upper.
 *
 * @param {number} value
 */
export function round(value) {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * The middle value, or the mean of the two in the middle.
 *
 * @param {number[]} values
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Mean and standard deviation.
 *
 * @param {ArrayLike<number>} values
 */
export function spread(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / values.length) };
}

/**
 * Position of the largest value, the first of several.
 *
 * @param {ArrayLike<number>} values
 */
export function argmax(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/**
 * A value brought between two bounds.
 *
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function clip(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
