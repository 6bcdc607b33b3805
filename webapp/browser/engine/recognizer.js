/** Recognizer: a picture goes in, readings come out, as in core/recognizer.py. */

import { grey } from "./faces/pixels.js";
import { Pyramid } from "./faces/pyramid.js";

/** @typedef {import("./faces/finder.js").Face} Face */
/** @typedef {import("./faces/finder.js").FaceFinder} FaceFinder */
/** @typedef {import("./faces/pixels.js").Pixels} Pixels */
/** @typedef {import("./inference/network.js").Network} Network */
/** @typedef {import("./readings.js").Answers} Answers */
/** @typedef {import("./readings.js").Frame} Frame */

/**
 * @typedef {object} Output One label set that a model answers in.
 * @property {string[]} labels In the order of the model's output.
 * @property {string[]} taught The labels that the model was taught.
 * @property {number} temperature Divisor of the model's logits.
 * @property {number} unsureBelow Confidence below which an answer counts as unsure.
 */

/**
 * @typedef {object} Card What `webapp/browser/facts.py` tells of a model.
 * @property {string} name
 * @property {string} sha256 Of the model file as it is installed.
 * @property {string} mien Version of Mien that told it.
 * @property {Record<string, Output>} outputs By the name of their label set, the main one first.
 * @property {Record<string, number[]>} priors Frequencies of the labels in training, by label set.
 */

/** Reads the faces of pictures with one model that sees the grey crop. */
export class Recognizer {
  /**
   * @param {Card} card
   * @param {Network} network
   * @param {FaceFinder} finder
   */
  constructor(card, network, finder) {
    this.card = card;
    this.network = network;
    this.finder = finder;
  }

  /**
   * The readings of a single picture.
   *
   * @param {Pixels} picture
   * @returns {Frame}
   */
  read(picture) {
    const faces = this.finder.find(new Pyramid(picture));
    const readings = faces.map((face) => ({ face, answers: this.answer(face), number: null, raw: null }));
    return { width: picture.width, height: picture.height, readings, index: 0, timeS: 0 };
  }

  /**
   * The model's answers to one face.
   *
   * @param {Face} face
   * @returns {Answers}
   */
  answer(face) {
    const logits = this.network.run(grey(face.crop));
    return Object.fromEntries(
      Object.entries(this.card.outputs).map(([name, { labels, temperature, unsureBelow }]) => {
        const values = softmax([...logits[name]].map((logit) => logit / temperature));
        const probabilities = Object.fromEntries(labels.map((label, index) => [label, values[index]]));
        return [name, { probabilities, unsureBelow, held: null }];
      }),
    );
  }
}

/** @param {number[]} logits */
function softmax(logits) {
  const highest = Math.max(...logits);
  const values = logits.map((logit) => Math.exp(logit - highest));
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}
