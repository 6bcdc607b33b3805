/** Bars: the probabilities of each face in view, as a list that screen readers can read too. */

import { mainAnswer } from "../engine/readings.js";
import { element } from "./elements.js";
import { caption, colourOf, percent } from "./look.js";

/** @typedef {import("./engine.js").ShownReading} ShownReading */

const MOST_FACES = 3; // the largest ones

/** The bars of the largest faces; elements are made once and then changed. */
export class Bars {
  constructor() {
    this.root = element("div", { className: "faces" });
    /** @type {Map<number, Face>} */
    this.faces = new Map();
  }

  /** @param {ShownReading[]} readings */
  show(readings) {
    const largest = [...readings].sort((one, other) => other.face.box[2] - one.face.box[2]).slice(0, MOST_FACES);
    const shown = new Map(largest.map((reading, index) => [reading.number ?? index + 1, reading]));
    for (const [number, face] of this.faces) {
      if (shown.has(number)) continue;
      face.root.remove();
      this.faces.delete(number);
    }
    for (const [number, reading] of [...shown].sort((one, other) => one[0] - other[0])) {
      let face = this.faces.get(number);
      if (!face) {
        face = new Face(Object.keys(mainAnswer(reading).probabilities));
        this.faces.set(number, face);
      }
      face.show(number, reading);
      this.root.append(face.root);
    }
  }
}

class Face {
  /** @param {string[]} labels */
  constructor(labels) {
    this.title = element("h2");
    this.hint = element("p", { className: "hint" });
    this.rows = new Map(labels.map((label) => [label, new Bar(label)]));
    const list = element("ul", { className: "bars" }, ...[...this.rows.values()].map((bar) => bar.root));
    this.root = element("section", { className: "face" }, this.title, list, this.hint);
  }

  /**
   * @param {number} number
   * @param {ShownReading} reading
   */
  show(number, reading) {
    const taken = reading.baseline === 1 ? " · baseline on" : "";
    this.title.textContent = `Face ${number} · ${caption(reading)}${taken}`;
    this.hint.textContent = reading.hints.join("; ");
    const { probabilities } = mainAnswer(reading);
    for (const [label, bar] of this.rows) bar.show(probabilities[label] ?? 0);
  }
}

class Bar {
  /** @param {string} label */
  constructor(label) {
    this.fill = element("span", { className: "fill" });
    this.fill.style.background = colourOf(label);
    this.value = element("span", { className: "value" });
    const track = element("span", { className: "track" }, this.fill);
    this.root = element("li", {}, element("span", { className: "name", textContent: label }), track, this.value);
  }

  /** @param {number} share */
  show(share) {
    this.fill.style.transform = `scaleX(${share.toFixed(3)})`;
    this.value.textContent = percent(share);
  }
}
