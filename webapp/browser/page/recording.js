/** The recording of a stream: its readings as rows, with the viewer's marks, and never a picture. */

import { columnsFor, csv, frameRows, jsonLines } from "../engine/output/table.js";

/** @typedef {import("../engine/output/table.js").Row} Row */
/** @typedef {import("../engine/recognizer.js").Card} Card */
/** @typedef {import("./engine.js").ShownFrame} ShownFrame */

const MAX_ROWS = 60_000; // an hour of one face at 16 frames a second

/** The rows of one viewer from start to stop. */
export class Recording {
  constructor() {
    /** @type {Row[]} */
    this.rows = [];
    /** @type {string[]} */
    this.columns = [];
    /** @type {string[]} Marks that still wait for a row. */
    this.events = [];
    this.isRunning = false;
  }

  /**
   * Start a new recording; earlier rows are dropped.
   *
   * @param {Card} card Card of the model that reads.
   */
  start(card) {
    this.rows = [];
    this.events = [];
    this.columns = columnsFor(card);
    this.isRunning = true;
  }

  stop() {
    this.isRunning = false;
  }

  /**
   * Write an event into the next row.
   *
   * @param {string} event
   */
  mark(event) {
    this.events.push(event);
  }

  /** @param {ShownFrame} frame */
  add(frame) {
    if (!this.isRunning) return;
    for (const row of frameRows(frame, this.columns)) {
      if (this.events.length) row.event = this.events.splice(0).join("; ");
      this.rows.push(row);
    }
    this.isRunning = this.rows.length < MAX_ROWS;
  }

  /** The rows so far as the text of a file, by its ending. */
  files() {
    return {
      csv: { type: "text/csv", text: csv(this.rows, this.columns) },
      jsonl: { type: "application/jsonl", text: jsonLines(this.rows) },
    };
  }
}
