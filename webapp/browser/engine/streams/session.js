/** Session: the pictures of one camera, read in the order of time, as in core/streams/session.py. */

import mien from "../mien.json" with { type: "json" };
import { withFlatPrior } from "../corrections.js";
import { Pyramid } from "../faces/pyramid.js";
import { streamWindows } from "../faces/tiles.js";
import { Baselines } from "./baselines.js";
import { Smoother } from "./smoothing.js";
import { Tracker } from "./tracking.js";

/** @typedef {import("../faces/finder.js").Face} Face */
/** @typedef {import("../faces/geometry.js").Matrix} Matrix */
/** @typedef {import("../faces/pixels.js").Pixels} Pixels */
/** @typedef {import("../readings.js").Answers} Answers */
/** @typedef {import("../readings.js").Frame} Frame */
/** @typedef {import("../recognizer.js").Recognizer} Recognizer */

/**
 * @typedef {object} SessionOptions What a viewer can change while the stream runs.
 * @property {number} smoothingS Time constant of the smoothed probabilities, in seconds; 0 smooths nothing.
 * @property {boolean} flatPrior Whether to count every expression as equally common.
 */

const { SEARCH_EVERY_S } = mien["streams/session"];

/** Reads the pictures of one stream: faces keep their numbers, answers are smoothed. */
export class Session {
  /**
   * @param {Recognizer} recognizer
   * @param {SessionOptions} options Options to begin with; assign others to the attribute at any moment.
   */
  constructor(recognizer, options) {
    this.recognizer = recognizer;
    this.options = options;
    this.tracker = new Tracker();
    this.frames = 0;
    /** @type {Matrix[]} */
    this.windows = []; // still to be searched in this round
    this.searchedS = -Infinity;
    this.smoother = new Smoother();
    this.baselines = new Baselines(recognizer.card);
  }

  /**
   * Read with another recognizer from now on: faces keep their numbers, smoothing and baselines start over.
   *
   * @param {Recognizer} recognizer
   */
  use(recognizer) {
    this.recognizer = recognizer;
    this.smoother = new Smoother();
    this.baselines = new Baselines(recognizer.card);
  }

  /**
   * The readings of the next picture.
   *
   * @param {Pixels} picture
   * @param {number} timeS Time of the picture on a clock that is never set back, in seconds.
   * @returns {Frame}
   */
  read(picture, timeS) {
    const { width, height } = picture;
    const pyramid = new Pyramid(picture);
    const faces = this.recognizer.finder.follow(pyramid, ...this.search(pyramid, timeS));
    const numbers = this.tracker.update(timeS, faces);
    const readings = faces.map((face, index) => {
      const raw = this.recognizer.answer(face);
      const number = numbers[index];
      this.baselines.observe(number, timeS, raw);
      const smooth = this.smoother.update(number, timeS, this.corrected(number, raw), this.options.smoothingS);
      return { face, answers: smooth, number, raw };
    });
    return { width, height, readings, index: this.frames++, timeS };
  }

  /**
   * Where to look in the next picture: the faces that are known, and windows to search for new ones.
   *
   * @param {{width: number, height: number}} picture
   * @param {number} timeS
   * @returns {[Face[], Matrix[]]}
   */
  search(picture, timeS) {
    const known = this.tracker.expected();
    if (known.length && timeS - this.searchedS < SEARCH_EVERY_S) return [known, []];
    this.searchedS = timeS;
    const count = known.length ? 1 : 3; // a stream without a face has the time to search for one
    if (this.windows.length < count) this.windows.push(...streamWindows(picture));
    return [known, this.windows.splice(0, count)];
  }

  /**
   * @param {number} number
   * @param {Answers} raw
   */
  corrected(number, raw) {
    const baseline = this.baselines.of(number);
    if (baseline) return baseline.correct(raw); // which takes the prior off already
    return this.options.flatPrior ? withFlatPrior(raw, this.recognizer.card) : raw;
  }
}
