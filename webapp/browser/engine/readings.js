/** Answers and readings: what comes out when a picture goes in, as in core/readings.py. */

/** @typedef {import("./faces/finder.js").Face} Face */

/**
 * @typedef {object} Answer Calibrated probabilities over one label set.
 * @property {Record<string, number>} probabilities Probability of each label, in the label set's order.
 * @property {number} unsureBelow Confidence below which the answer is unsure; 0 for never.
 * @property {string | null} held Label that is kept in a stream until another is clearly ahead; null in a picture.
 */

/** @typedef {Record<string, Answer>} Answers Answers by label set, the main one first. */

/**
 * @typedef {object} Reading What a model answers to one face.
 * @property {Face} face
 * @property {Answers} answers In a stream smoothed over time.
 * @property {number | null} number Number that the face keeps in a stream while it can be followed; null in a picture.
 * @property {Answers | null} raw The model's plain answers to this picture, in a stream.
 */

/**
 * @typedef {object} Frame One picture, alone or of a stream, with its readings.
 * @property {number} width
 * @property {number} height
 * @property {Reading[]} readings From left to right.
 * @property {number} index Number of the picture in a stream, from 0.
 * @property {number} timeS Time of the picture in a stream, in seconds.
 */

/**
 * The held label, or the likeliest one.
 *
 * @param {Answer} answer
 */
export function labelOf({ probabilities, held }) {
  return held ?? Object.keys(probabilities).reduce((best, label) =>
    probabilities[label] > probabilities[best] ? label : best,
  );
}

/**
 * The probability of the label, 0 to 1.
 *
 * @param {Answer} answer
 */
export function confidenceOf(answer) {
  return answer.probabilities[labelOf(answer)];
}

/**
 * Whether the confidence is below the answer's bar.
 *
 * @param {Answer} answer
 */
export function isUnsure(answer) {
  return confidenceOf(answer) < answer.unsureBelow;
}

/**
 * The answer in the model's main label set.
 *
 * @param {{answers: Answers}} reading
 */
export function mainAnswer({ answers }) {
  return Object.values(answers)[0];
}
