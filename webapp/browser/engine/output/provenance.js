/** Provenance: what made a recording, to be kept in a file beside it, as in core/output/provenance.py. */

/** @typedef {import("../recognizer.js").Card} Card */
/** @typedef {import("../streams/session.js").SessionOptions} SessionOptions */

/**
 * @typedef {object} Provenance
 * @property {string} model Name of the model.
 * @property {string} model_sha256
 * @property {string} mien Version of Mien.
 * @property {string[]} label_sets The main one first.
 * @property {string} search How faces were searched for.
 * @property {string | null} baseline Whose neutral face was taken off, in words.
 * @property {string} prior How common expressions count as.
 * @property {number} smoothing_s
 * @property {null} clip Only a clip has one.
 * @property {string} made Date and time at which the reading began.
 * @property {object[]} changes The time in the stream, in seconds, and what was another value from then on.
 */

/**
 * What reads a stream from now on.
 *
 * @param {Card} card
 * @param {SessionOptions} options
 * @param {number[]} atRest The faces whose baseline is in use.
 * @returns {Provenance}
 */
export function provenanceOf(card, { smoothingS, flatPrior }, atRest) {
  return {
    model: card.name,
    model_sha256: card.sha256,
    mien: card.mien,
    label_sets: Object.keys(card.outputs),
    search: "quick",
    baseline: atRest.length ? `of face ${atRest.join(" and ")}, taken in the stream` : null,
    prior: flatPrior ? "all equal" : "as in training",
    smoothing_s: smoothingS,
    clip: null,
    made: new Date().toISOString().replace(/\.\d+Z$/, "+00:00"),
    changes: [],
  };
}

/**
 * The provenance of a stream that goes on with other settings.
 *
 * @param {Provenance} before
 * @param {Provenance} later What reads from now on.
 * @param {number} timeS Time in the stream, in seconds.
 * @returns {Provenance}
 */
export function thenBy(before, later, timeS) {
  /** @type {Record<string, unknown>} */
  const known = Object.assign({}, before, ...before.changes);
  const isOther = (/** @type {[string, unknown]} */ [name, value]) =>
    name !== "made" && name !== "changes" && JSON.stringify(value) !== JSON.stringify(known[name]);
  const changed = Object.entries(later).filter(isOther);
  if (!changed.length) return before;
  const change = { time_s: Math.round(timeS * 1000) / 1000, ...Object.fromEntries(changed) };
  return { ...before, changes: [...before.changes, change] };
}
