/** Corrections of answers: a person's own neutral face, and rare and common labels, as in core/corrections.py. */

import mien from "./mien.json" with { type: "json" };

/** @typedef {import("./readings.js").Answer} Answer */
/** @typedef {import("./readings.js").Answers} Answers */
/** @typedef {import("./recognizer.js").Card} Card */

const { FLOOR, NEUTRAL, UNSURE_BELOW } = mien.corrections;

/** Length of the part of a stream from which a neutral face is taken, in seconds. */
export const { BASELINE_S } = mien.corrections;

/** One person's own neutral face, as one model reads it. */
export class Baseline {
  /** @param {Card} card Card of that model, which tells what it was taught. */
  constructor(card) {
    this.card = card;
    /** @type {Record<string, {count: number, sums: Record<string, number>}>} */
    this.rest = {};
  }

  /**
   * Count the answers to one more picture of the person at rest.
   *
   * @param {Answers} answers As the model gives them, neither smoothed nor corrected.
   */
  add(answers) {
    for (const [name, { probabilities }] of Object.entries(answers)) {
      const rest = (this.rest[name] ??= { count: 0, sums: {} });
      rest.count += 1;
      for (const [label, value] of Object.entries(probabilities)) rest.sums[label] = (rest.sums[label] ?? 0) + log(value);
    }
  }

  /**
   * The answers less the person's own neutral face; those in a label set without "neutral" stay as they are.
   *
   * @param {Answers} answers As the model gives them.
   * @returns {Answers}
   */
  correct(answers) {
    return mapped(answers, (name, answer) => this.corrected(name, answer));
  }

  /**
   * @param {string} name
   * @param {Answer} answer
   * @returns {Answer}
   */
  corrected(name, answer) {
    const rest = this.rest[name];
    const taught = taughtOf(this.card, name);
    if (!rest || !taught.includes("neutral") || taught.length < 2) return answer;
    const others = (1 - NEUTRAL) / (taught.length - 1);
    const logs = taught.map((label) => {
      const usual = rest.sums[label] / rest.count;
      return log(answer.probabilities[label]) - usual + Math.log(label === "neutral" ? NEUTRAL : others);
    });
    const highest = Math.max(...logs);
    const values = logs.map((value) => Math.exp(value - highest));
    const sum = values.reduce((total, value) => total + value, 0);
    const known = Object.fromEntries(taught.map((label, index) => [label, values[index] / sum]));
    const labels = Object.keys(answer.probabilities);
    return {
      ...answer,
      probabilities: Object.fromEntries(labels.map((label) => [label, known[label] ?? 0])),
      unsureBelow: Math.min(answer.unsureBelow, UNSURE_BELOW),
    };
  }
}

/**
 * Answers as they would be if every label were equally common (Saerens, Latinne and Decaestecker 2002).
 *
 * @param {Answers} answers
 * @param {Card} card Answers in a label set without priors stay as they are.
 * @returns {Answers}
 */
export function withFlatPrior(answers, card) {
  return mapped(answers, (name, answer) => (card.priors[name] ? flattened(answer, card.priors[name]) : answer));
}

/**
 * @param {Answer} answer
 * @param {number[]} priors
 * @returns {Answer}
 */
function flattened(answer, priors) {
  const taught = priors.filter((prior) => prior > 0);
  if (!taught.length) return answer;
  const rarest = Math.min(...taught);
  const labels = Object.keys(answer.probabilities);
  const factors = priors.map((prior) => (prior > 0 ? rarest / prior : 0));
  let values = labels.map((label, index) => answer.probabilities[label] * factors[index]);
  if (values.every((value) => value === 0)) values = priors.map((prior) => (prior > 0 ? 1 : 0));
  const sum = values.reduce((total, value) => total + value, 0);
  return { ...answer, probabilities: Object.fromEntries(labels.map((label, index) => [label, values[index] / sum])) };
}

/**
 * The labels of a label set that a model was taught.
 *
 * @param {Card} card
 * @param {string} name
 */
function taughtOf(card, name) {
  return card.outputs[name].taught;
}

/**
 * @param {Answers} answers
 * @param {(name: string, answer: Answer) => Answer} change
 * @returns {Answers}
 */
function mapped(answers, change) {
  return Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, change(name, answer)]));
}

/** @param {number} probability */
function log(probability) {
  return Math.log(Math.max(probability, FLOOR));
}
