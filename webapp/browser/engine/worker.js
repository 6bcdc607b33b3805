/** The worker in which a page's engine runs: it answers one task after the other, each with the id that it came with. */

import { Detector } from "./faces/detector.js";
import { FaceFinder } from "./faces/finder.js";
import { hintsOf } from "./faces/quality.js";
import { Runtime } from "./inference/network.js";
import { Recognizer } from "./recognizer.js";
import { Session } from "./streams/session.js";

/** @typedef {import("./faces/pixels.js").Pixels} Pixels */
/** @typedef {import("./readings.js").Frame} Frame */
/** @typedef {import("./recognizer.js").Card} Card */
/** @typedef {import("./streams/session.js").SessionOptions} SessionOptions */

/** @type {Runtime} */
let runtime;
/** @type {FaceFinder} */
let finder;
/** @type {Recognizer} */
let recognizer;
/** @type {Session | null} */
let session = null;

const canvas = new OffscreenCanvas(1, 1);
const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));

const tasks = {
  /**
   * Load LiteRT and the face detector.
   *
   * @param {{script: string, wasm: string, detector: string}} addresses
   */
  async start({ script, wasm, detector }) {
    importScripts(script);
    runtime = await Runtime.start(/** @type {any} */ (self).ModuleFactory, { locateFile: () => wasm });
    finder = new FaceFinder(new Detector(runtime.open(await fetched(detector))));
  },

  /**
   * Read with this model from now on.
   *
   * @param {{card: Card, network: string}} model
   */
  async use({ card, network }) {
    const next = new Recognizer(card, runtime.open(await fetched(network)), finder);
    recognizer?.network.close();
    recognizer = next;
    session?.use(recognizer);
  },

  /** @param {{options: SessionOptions}} given */
  begin({ options }) {
    session = new Session(recognizer, options);
  },

  /** @param {{options: SessionOptions}} given */
  change({ options }) {
    if (session) session.options = options;
  },

  /**
   * The next picture of the stream.
   *
   * @param {{bitmap: ImageBitmap, timeS: number}} given
   */
  frame({ bitmap, timeS }) {
    const frame = stream().read(pixelsOf(bitmap), timeS);
    const { baselines } = stream();
    return { ...told(frame, (number) => baselines.progress(number)), atRest: baselines.complete() };
  },

  /**
   * A picture that stands alone.
   *
   * @param {{bitmap: ImageBitmap}} given
   */
  photo({ bitmap }) {
    return { ...told(recognizer.read(pixelsOf(bitmap)), () => null), atRest: [] };
  },

  startBaseline() {
    stream().baselines.start();
  },

  forgetBaseline() {
    stream().baselines.forget();
  },
};

self.onmessage = async ({ data: { id, task, ...given } }) => {
  try {
    const result = await tasks[/** @type {keyof typeof tasks} */ (task)](given);
    self.postMessage({ id, result });
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};

function stream() {
  if (!session) throw new Error("no stream has begun");
  return session;
}

/**
 * @param {string} address
 */
async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * @param {ImageBitmap} bitmap
 * @returns {Pixels}
 */
function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { width, height, channels: 4, data: context.getImageData(0, 0, width, height).data };
}

/**
 * A frame as the page is told of it: without crops, with hints and how far each face's baseline is.
 *
 * @param {Frame} frame
 * @param {(number: number) => number | null} progress
 */
function told(frame, progress) {
  const readings = frame.readings.map(({ face: { box, score, quality }, answers, number, raw }) => ({
    ...{ face: { box, score, quality }, answers, number, raw },
    hints: hintsOf(quality),
    baseline: number === null ? null : progress(number),
  }));
  return { ...frame, readings };
}
