/** Smoothing: steady answers over time, made of the answers to single pictures, as in core/streams/smoothing.py. */

import mien from "../mien.json" with { type: "json" };
import { argmax } from "../numbers.js";

/** @typedef {import("../readings.js").Answer} Answer */
/** @typedef {import("../readings.js").Answers} Answers */

/**
 * @typedef {object} State
 * @property {number} timeS
 * @property {string[]} labels
 * @property {number[]} newest
 * @property {number[]} smooth
 * @property {number} held
 * @property {number} leader
 * @property {number} aheadSinceS
 * @property {boolean} isUnsure
 */

const { AHEAD_S, MARGIN, NARROW_MARGIN, UNSURE_MARGIN } = mien["streams/smoothing"];
const { HIDDEN_S } = mien["streams/tracking"];

/** Smooths each face's answers over time, and holds its label until another is clearly ahead. */
export class Smoother {
  constructor() {
    /** @type {Map<number, Record<string, State>>} By number of the face, then by label set. */
    this.states = new Map();
  }

  /**
   * The smoothed answers, with the label that is held.
   *
   * @param {number} number Number of the face.
   * @param {number} timeS Time of the picture, in seconds.
   * @param {Answers} answers The model's answers to this picture.
   * @param {number} smoothingS Time constant in seconds, 0 for no smoothing.
   * @returns {Answers}
   */
  update(number, timeS, answers, smoothingS) {
    const before = this.states.get(number) ?? {};
    /** @type {Record<string, State>} */
    const after = {};
    /** @type {Answers} */
    const smooth = {};
    for (const [name, answer] of Object.entries(answers)) {
      [after[name], smooth[name]] = step(before[name], timeS, answer, smoothingS);
    }
    this.states.set(number, after);
    for (const [known, states] of this.states) if (isGone(states, timeS)) this.states.delete(known);
    return smooth;
  }
}

/**
 * @param {Record<string, State>} states
 * @param {number} timeS
 */
function isGone(states, timeS) {
  return Object.values(states).every((state) => timeS - state.timeS > HIDDEN_S);
}

/**
 * @param {State | undefined} before
 * @param {number} timeS
 * @param {Answer} answer
 * @param {number} smoothingS
 * @returns {[State, Answer]}
 */
function step(before, timeS, answer, smoothingS) {
  const labels = Object.keys(answer.probabilities);
  const newest = Object.values(answer.probabilities);
  if (!before || before.labels.join() !== labels.join() || timeS - before.timeS > HIDDEN_S) {
    const leader = argmax(newest);
    const isUnsure = newest[leader] < answer.unsureBelow;
    const after = { timeS, labels, newest, smooth: newest, held: leader, leader, aheadSinceS: timeS, isUnsure };
    return [after, { ...answer, held: labels[leader] }];
  }
  const nowS = Math.max(timeS, before.timeS);
  const smooth = smoothed(before, newest, nowS - before.timeS, smoothingS);
  const leader = argmax(smooth);
  const lead = smooth[leader] - smooth[before.held];
  const goesOn = leader === before.leader && lead >= NARROW_MARGIN;
  const aheadSinceS = goesOn ? before.aheadSinceS : nowS;
  const held = lead >= MARGIN || nowS - aheadSinceS >= AHEAD_S ? leader : before.held;
  const unsureBelow = movedBar(answer.unsureBelow, before.isUnsure);
  const isUnsure = smooth[held] < unsureBelow;
  const probabilities = Object.fromEntries(labels.map((label, index) => [label, smooth[index]]));
  const after = { timeS: nowS, labels, newest, smooth, held, leader, aheadSinceS, isUnsure };
  return [after, { probabilities, unsureBelow, held: labels[held] }];
}

/**
 * Exponential smoothing of the straight line from the last probabilities to the newest.
 *
 * @param {State} before
 * @param {number[]} newest
 * @param {number} passedS
 * @param {number} smoothingS
 */
function smoothed(before, newest, passedS, smoothingS) {
  if (smoothingS <= 0) return newest;
  const ratio = passedS / smoothingS;
  const left = Math.exp(-ratio); // weight of the past
  const mean = ratio > 1e-9 ? -Math.expm1(-ratio) / ratio : 1; // mean of that weight over the interval
  const smooth = newest.map(
    (value, index) => left * before.smooth[index] + (mean - left) * before.newest[index] + (1 - mean) * value,
  );
  const sum = smooth.reduce((total, value) => total + value, 0);
  return smooth.map((value) => value / sum);
}

/**
 * A bar moved a little to the side of what was shown last, so that "unsure" does not flicker.
 *
 * @param {number} bar
 * @param {boolean} wasUnsure
 */
function movedBar(bar, wasUnsure) {
  if (bar <= 0) return bar; // a model that always answers
  return wasUnsure ? bar + UNSURE_MARGIN : Math.max(bar - UNSURE_MARGIN, 0);
}
