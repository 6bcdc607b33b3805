/** The recorder: buttons to record the stream, to mark moments, and to save the rows as files of this device. */

import { button, element } from "./elements.js";
import { Recording } from "./recording.js";

/** @typedef {import("../engine/recognizer.js").Card} Card */
/** @typedef {import("./engine.js").ShownFrame} ShownFrame */

/** A recording with its controls. */
export class Recorder {
  constructor() {
    this.recording = new Recording();
    /** @type {Card | null} */
    this.card = null;
    this.toggle = button("Start recording", () => this.switch());
    this.state = element("span", { className: "state" });
    this.event = element("input", { type: "text", placeholder: "Event, such as: film begins", maxLength: 200 });
    this.event.setAttribute("aria-label", "Event");
    const submit = element("button", { type: "submit", textContent: "Mark" });
    this.form = element("form", { className: "line", onsubmit: (event) => this.mark(event) }, this.event, submit);
    this.saves = element("span", { className: "line" }, ...["csv", "jsonl"].map((kind) => this.save(kind)));
    this.root = element(
      "section",
      { className: "panel" },
      element("h3", { textContent: "Recording" }),
      element("div", { className: "line" }, this.toggle, this.state, this.saves),
      this.form,
    );
    this.refresh();
  }

  /** @param {string} kind */
  save(kind) {
    const name = kind === "csv" ? "CSV" : "JSON Lines";
    return button(name, () => {
      const { type, text } = this.recording.files()[/** @type {"csv" | "jsonl"} */ (kind)];
      const address = URL.createObjectURL(new Blob([text], { type }));
      element("a", { href: address, download: `mien-live.${kind}` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000); // a browser may ask first where to save
    });
  }

  switch() {
    if (this.recording.isRunning) this.recording.stop();
    else if (this.card) this.recording.start(this.card);
    this.refresh();
  }

  /** @param {SubmitEvent} event */
  mark(event) {
    event.preventDefault();
    this.recording.mark(this.event.value.trim() || "mark");
    this.event.value = "";
  }

  /**
   * Take note of the model that reads; a recording has one model, so that it ends with a change.
   *
   * @param {Card | null} card
   */
  use(card) {
    this.card = card;
    this.recording.stop();
    this.refresh();
  }

  /** @param {ShownFrame} frame */
  add(frame) {
    if (!this.recording.isRunning) return;
    this.recording.add(frame);
    this.refresh();
  }

  refresh() {
    const { isRunning, rows } = this.recording;
    this.toggle.textContent = isRunning ? "Stop recording" : rows.length ? "Record again" : "Start recording";
    this.toggle.disabled = !this.card && !isRunning;
    this.state.textContent = rows.length || isRunning ? `${rows.length} rows` : "The readings only, never the pictures.";
    this.form.hidden = !isRunning;
    this.saves.hidden = isRunning || !rows.length;
  }
}
