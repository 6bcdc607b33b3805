/** The recording of a stream: its readings as rows, with the viewer's marks, and never a picture. */

import { thenBy } from "../engine/output/provenance.js";
import { columnsFor, csv, frameRows, jsonLines } from "../engine/output/table.js";

/** @typedef {import("../engine/output/provenance.js").Provenance} Provenance */
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
    /** @type {Provenance | null} What read the rows. */
    this.madeBy = null;
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
    this.madeBy = null;
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

  /**
   * @param {ShownFrame} frame
   * @param {Provenance} madeBy What read it; where that is another than before, the recording keeps when it changed.
   */
  add(frame, madeBy) {
    if (!this.isRunning) return;
    this.madeBy = this.madeBy ? thenBy(this.madeBy, madeBy, frame.timeS) : madeBy;
    for (const row of frameRows(frame, this.columns)) {
      if (this.events.length) row.event = this.events.splice(0).join("; ");
      this.rows.push(row);
    }
    this.isRunning = this.rows.length < MAX_ROWS;
  }

  /**
   * The rows so far as the text of a file, or what read them.
   *
   * @param {"csv" | "jsonl" | "provenance"} kind
   */
  file(kind) {
    if (kind === "csv") return csv(this.rows, this.columns);
    return kind === "jsonl" ? jsonLines(this.rows) : `${JSON.stringify(this.madeBy, null, 2)}\n`;
  }
}
