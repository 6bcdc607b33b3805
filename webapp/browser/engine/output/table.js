/** The table of a recording: a row for each face of each frame, with the columns of core/output/table.py. */

import mien from "../mien.json" with { type: "json" };
import { round } from "../numbers.js";
import { confidenceOf, isUnsure, labelOf, mainAnswer } from "../readings.js";

/** @typedef {import("../readings.js").Answers} Answers */
/** @typedef {import("../recognizer.js").Card} Card */
/** @typedef {Record<string, string | number | boolean | null>} Row */

const { COLUMNS, RAW_COLUMNS, UNSURE } = mien["output/table"];
const SEVEN = mien.labels.fer7.labels;

/**
 * The columns of a recording, with the model's plain answers and the viewer's marks.
 *
 * @param {Card} card Card of the model that reads; where it answers "contempt", that is a column too.
 * @returns {string[]}
 */
export function columnsFor(card) {
  return [...COLUMNS, ...RAW_COLUMNS, ...("ferplus8" in card.outputs ? ["contempt"] : []), "event"];
}

/**
 * A row for each face of a frame, with the given columns as keys.
 *
 * @param {{timeS: number, index: number, readings: {face: {box: number[], score: number}, answers: Answers,
 *   raw: Answers | null, number: number | null, hints: string[]}[]}} frame
 * @param {string[]} columns What a face lacks is null.
 * @returns {Row[]}
 */
export function frameRows(frame, columns) {
  return frame.readings.map((reading) => {
    const answer = mainAnswer(reading);
    const [x, y, w, h] = reading.face.box.map((value) => rounded(value, 1));
    /** @type {Row} */
    const values = { time_s: rounded(frame.timeS, 6), frame: frame.index, face: reading.number, x, y, w, h };
    values.score = rounded(reading.face.score, 4);
    values.label = isUnsure(answer) ? UNSURE : labelOf(answer);
    values.confidence = rounded(confidenceOf(answer), 4);
    values.unsure = isUnsure(answer);
    values.hints = reading.hints.join("; ") || null;
    for (const label of SEVEN) values[label] = rounded(seven(reading.answers)[label], 4);
    for (const label of SEVEN) values[`raw_${label}`] = reading.raw && rounded(seven(reading.raw)[label], 4);
    const { ferplus8 } = reading.answers;
    if (ferplus8) values.contempt = rounded(ferplus8.probabilities.contempt, 4);
    return Object.fromEntries(columns.map((name) => [name, values[name] ?? null]));
  });
}

/**
 * A table as the text of a CSV file.
 *
 * @param {Row[]} rows
 * @param {string[]} columns
 */
export function csv(rows, columns) {
  const lines = [columns, ...rows.map((row) => columns.map((name) => row[name]))];
  return lines.map((cells) => `${cells.map(cell).join(",")}\n`).join("");
}

/**
 * A table as the text of a JSON Lines file.
 *
 * @param {Row[]} rows
 */
export function jsonLines(rows) {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

/**
 * @param {Answers} answers
 */
function seven(answers) {
  return (answers.fer7 ?? Object.values(answers)[0]).probabilities;
}

/** @param {string | number | boolean | null} value Truth is spelt as Python spells it, so that files agree. */
function cell(value) {
  const text = value === null ? "" : value === true ? "True" : value === false ? "False" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * @param {number} value
 * @param {number} digits
 */
function rounded(value, digits) {
  const factor = 10 ** digits;
  return round(value * factor) / factor;
}
