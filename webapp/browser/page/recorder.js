/** The recorder: buttons to record the stream, to mark moments, and to save the rows as files of this device. */

import { button, element, face } from "./elements.js";
import { Recording } from "./recording.js";

/** @typedef {import("../engine/recognizer.js").Card} Card */
/** @typedef {import("./engine.js").ShownFrame} ShownFrame */

/** A recording: a button for the bar, `toggle`, and what is shown below it. */
export class Recorder {
  constructor() {
    this.recording = new Recording();
    /** @type {Card | null} */
    this.card = null;
    this.toggle = button("", () => this.switch());
    this.state = element("span", { className: "state" });
    this.event = element("input", { type: "text", placeholder: "Event, such as: film begins", maxLength: 200 });
    this.event.setAttribute("aria-label", "Event");
    const submit = element("button", { type: "submit", textContent: "Mark" });
    this.form = element("form", { className: "line", onsubmit: (event) => this.mark(event) }, this.event, submit);
    this.saves = element(
      "span",
      { className: "line" },
      this.save("CSV", "csv", "mien-live.csv"),
      this.save("JSON Lines", "jsonl", "mien-live.jsonl"),
      this.save("How it was read", "provenance", "mien-live.provenance.json"),
    );
    this.root = element(
      "section",
      { className: "panel" },
      element("div", { className: "line" }, this.state, this.saves),
      this.form,
    );
    this.refresh();
  }

  /**
   * A button that saves a file.
   *
   * @param {string} text
   * @param {"csv" | "jsonl" | "provenance"} kind
   * @param {string} name
   */
  save(text, kind, name) {
    return button(text, () => {
      const address = URL.createObjectURL(new Blob([this.recording.file(kind)], { type: "text/plain" }));
      element("a", { href: address, download: name }).click();
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

  /**
   * @param {ShownFrame} frame
   * @param {import("../engine/output/provenance.js").Provenance} madeBy
   */
  add(frame, madeBy) {
    if (!this.recording.isRunning) return;
    this.recording.add(frame, madeBy);
    this.refresh();
  }

  refresh() {
    const { isRunning, rows } = this.recording;
    face(this.toggle, isRunning ? "stop" : "record", isRunning ? "Stop recording" : "Record");
    this.root.hidden = !isRunning && !rows.length;
    this.toggle.disabled = !this.card && !isRunning;
    this.state.textContent = `${rows.length} rows`;
    this.toggle.title = "A row for each face and frame. Pictures are never stored.";
    this.form.hidden = !isRunning;
    this.saves.hidden = isRunning || !rows.length;
  }
}
