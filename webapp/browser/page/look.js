/** How labels look everywhere on the page: their words and colours. */

import mien from "../engine/mien.json" with { type: "json" };
import { confidenceOf, isUnsure, labelOf, mainAnswer } from "../engine/readings.js";

/** @typedef {import("./engine.js").ShownReading} ShownReading */

/** @type {Record<string, string>} */
const COLOURS = Object.assign({}, ...Object.values(mien.labels).map(({ colours }) => colours));
const UNSURE_COLOUR = COLOURS.neutral;

/** @param {string} label */
export function colourOf(label) {
  return COLOURS[label] ?? UNSURE_COLOUR;
}

/**
 * The colour of a reading: that of its label, or grey where the model is unsure.
 *
 * @param {ShownReading} reading
 */
export function readingColour(reading) {
  const answer = mainAnswer(reading);
  return isUnsure(answer) ? UNSURE_COLOUR : colourOf(labelOf(answer));
}

/**
 * The label of a reading as people see it, and how sure the model is.
 *
 * @param {ShownReading} reading
 */
export function caption(reading) {
  const answer = mainAnswer(reading);
  return `${isUnsure(answer) ? mien["output/table"].UNSURE : labelOf(answer)} ${percent(confidenceOf(answer))}`;
}

/** @param {number} share */
export function percent(share) {
  return `${Math.round(share * 100)}%`;
}
