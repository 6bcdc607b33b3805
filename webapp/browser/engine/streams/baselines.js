/** Baselines in a stream: each person's neutral face, taken while it runs, as in core/streams/baselines.py. */

import mien from "../mien.json" with { type: "json" };
import { Baseline, BASELINE_S } from "../corrections.js";
import { clip } from "../numbers.js";

/** @typedef {import("../readings.js").Answers} Answers */
/** @typedef {import("../recognizer.js").Card} Card */
/** @typedef {{baseline: Baseline, recordedS: number, lastS: number | null}} Recording One that is taken, or was. */

const { FORGET_S } = mien["streams/baselines"];
const { HIDDEN_S } = mien["streams/tracking"];

/** The baselines of a stream's people, by face number; each is taken over three seconds and in use from then on. */
export class Baselines {
  /** @param {Card} card Card of the model that gives the answers. */
  constructor(card) {
    this.card = card;
    /** @type {Map<number, Recording>} */
    this.recordings = new Map();
    /** @type {Map<number, number>} When each face was last seen, in seconds. */
    this.seenS = new Map();
  }

  /**
   * Take the next three seconds of a face as its neutral face.
   *
   * @param {number | null} number Number of the face; null for every visible face.
   */
  start(number = null) {
    const nowS = Math.max(0, ...this.seenS.values());
    if (number !== null && !this.seenS.has(number)) this.seenS.set(number, nowS);
    const visible = [...this.seenS].filter(([, seenS]) => nowS - seenS <= HIDDEN_S).map(([known]) => known);
    for (const each of number === null ? visible : [number]) {
      this.recordings.set(each, { baseline: new Baseline(this.card), recordedS: 0, lastS: null });
    }
  }

  /**
   * Take note of a model's answers; to be called for every face of every picture that is read.
   *
   * @param {number} number Number of the face.
   * @param {number} timeS Time of the picture, in seconds.
   * @param {Answers} answers Neither smoothed nor corrected.
   */
  observe(number, timeS, answers) {
    this.seenS.set(number, timeS);
    const recording = this.recordings.get(number);
    if (recording && progressOf(recording) < 1) {
      // A pause counts as a second at most: what the face did meanwhile is not known.
      recording.recordedS += recording.lastS === null ? 0 : clip(timeS - recording.lastS, 0, HIDDEN_S);
      recording.lastS = timeS;
      recording.baseline.add(answers);
    }
    for (const [known, seenS] of this.seenS) {
      if (timeS - seenS <= FORGET_S) continue;
      this.seenS.delete(known);
      this.recordings.delete(known);
    }
  }

  /**
   * The baseline of a face; null while there is no complete one.
   *
   * @param {number} number
   */
  of(number) {
    const recording = this.recordings.get(number);
    return recording && progressOf(recording) === 1 ? recording.baseline : null;
  }

  /** The faces whose baseline is in use, in the order of their numbers. */
  complete() {
    return [...this.recordings.keys()].filter((number) => this.of(number)).sort((one, other) => one - other);
  }

  /**
   * Drop the baseline of a face.
   *
   * @param {number | null} number Number of the face; null for every face.
   */
  forget(number = null) {
    if (number === null) this.recordings.clear();
    else this.recordings.delete(number);
  }

  /**
   * How much of a face's baseline was taken, 0 to 1; 1 when it is in use, null where none was asked for.
   *
   * @param {number} number
   */
  progress(number) {
    const recording = this.recordings.get(number);
    return recording ? progressOf(recording) : null;
  }
}

/** @param {Recording} recording */
function progressOf({ recordedS }) {
  return Math.min(recordedS / BASELINE_S, 1);
}
