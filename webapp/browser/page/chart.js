/** Chart: the last minute of one face's expressions, as lines. */

import { mainAnswer } from "../engine/readings.js";
import { element } from "./elements.js";
import { colourOf } from "./look.js";

/** @typedef {import("./engine.js").ShownFrame} ShownFrame */
/** @typedef {{timeS: number, shares: Map<number, Record<string, number>>}} Sample */

const LASTS_S = 60;
const SAMPLE_S = 0.2; // more points would look the same
const GAP_S = 1; // after which a line breaks off
const HEIGHT = 160;

/** The chart of the largest face in view. */
export class Chart {
  constructor() {
    /** @type {Sample[]} */
    this.samples = [];
    this.canvas = element("canvas", { className: "chart", height: HEIGHT });
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", "The last minute of the largest face's expressions, a line for each");
    this.legend = element("span", { className: "legend" });
    this.legend.setAttribute("aria-hidden", "true"); // the bars name the expressions
    const caption = element("figcaption", {}, "The last minute", this.legend);
    this.root = element("figure", { hidden: true }, this.canvas, caption);
  }

  clear() {
    this.samples = [];
    this.root.hidden = true;
  }

  /** @param {ShownFrame} frame */
  add(frame) {
    const last = this.samples.at(-1);
    if (last && frame.timeS - last.timeS < SAMPLE_S) return;
    const shares = new Map(frame.readings.map((each) => [each.number ?? 0, mainAnswer(each).probabilities]));
    this.samples.push({ timeS: frame.timeS, shares });
    while (this.samples[0].timeS < frame.timeS - LASTS_S) this.samples.shift();
    const largest = frame.readings.reduce(
      (best, each) => (best && best.face.box[2] >= each.face.box[2] ? best : each),
      frame.readings[0],
    );
    if (largest) this.number = largest.number ?? 0;
    this.draw(frame.timeS);
  }

  /** @param {number} nowS */
  draw(nowS) {
    const { canvas } = this;
    this.root.hidden = false;
    const ratio = globalThis.devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(HEIGHT * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.clearRect(0, 0, width, height);
    pen.lineWidth = 1;
    pen.strokeStyle = "rgba(128, 136, 150, 0.3)";
    for (const share of [0, 0.5, 1]) line(pen, [[0, y(share, height)], [width, y(share, height)]]); // prettier-ignore
    const seen = this.samples.filter(({ shares }) => shares.has(this.number ?? 0));
    const labels = Object.keys(seen.at(-1)?.shares.get(this.number ?? 0) ?? {});
    if (labels.length && this.legend.childElementCount !== labels.length) this.legend.replaceChildren(...labels.map(key));
    pen.lineWidth = 2 * ratio;
    for (const label of labels) {
      pen.strokeStyle = colourOf(label);
      /** @type {[number, number][]} */
      let points = [];
      let before = -Infinity;
      for (const { timeS, shares } of seen) {
        if (timeS - before > GAP_S) {
          line(pen, points);
          points = [];
        }
        before = timeS;
        const share = shares.get(this.number ?? 0)?.[label] ?? 0;
        points.push([width * (1 - (nowS - timeS) / LASTS_S), y(share, height)]);
      }
      line(pen, points);
    }
  }
}

/**
 * @param {number} share
 * @param {number} height
 */
function y(share, height) {
  return 2 + (1 - share) * (height - 4);
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {[number, number][]} points
 */
function line(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

/** @param {string} label */
function key(label) {
  const swatch = element("i");
  swatch.style.background = colourOf(label);
  return element("span", {}, swatch, label);
}
