/** The page's end of the engine: a worker that is given one task after the other. */

/** @typedef {import("../engine/recognizer.js").Card} Card */
/** @typedef {import("../engine/readings.js").Answers} Answers */
/** @typedef {import("../engine/streams/session.js").SessionOptions} SessionOptions */

/**
 * @typedef {object} ShownReading A reading as the worker tells it, without the crop.
 * @property {{box: [number, number, number, number], score: number}} face
 * @property {Answers} answers
 * @property {Answers | null} raw
 * @property {number | null} number
 * @property {string[]} hints
 * @property {number | null} baseline How much of the face's baseline was taken, 0 to 1; null where none was asked for.
 */

/**
 * @typedef {object} ShownFrame
 * @property {number} width
 * @property {number} height
 * @property {ShownReading[]} readings
 * @property {number} index
 * @property {number} timeS
 * @property {number[]} atRest The faces whose baseline is in use.
 */

/** @typedef {{card: Card, network: string}} Model */

/**
 * @typedef {object} Files What `files.json` lists.
 * @property {string} script
 * @property {string} wasm
 * @property {string} detector
 * @property {Model[]} models
 */

/** Reads pictures in a worker, one at a time. */
export class Engine {
  /**
   * Load all that reading needs.
   *
   * @param {string} base Address of the folder with the engine's files, with a slash at its end.
   */
  static async start(base) {
    const response = await fetch(new URL("files.json", base));
    if (!response.ok) throw new Error(`files.json answered ${response.status}`);
    const engine = new Engine(base, await response.json());
    await engine.ask("start", engine.addresses("script", "wasm", "detector"));
    return engine;
  }

  /**
   * @param {string} base
   * @param {Files} files
   */
  constructor(base, files) {
    this.base = base;
    this.files = files;
    this.isBusy = false;
    this.asked = 0;
    /** @type {Map<number, {resolve: (result: any) => void, reject: (error: Error) => void}>} */
    this.waiting = new Map();
    this.worker = new Worker(new URL("worker.js", base));
    this.worker.onmessage = ({ data: { id, result, error } }) => {
      const waiting = this.waiting.get(id);
      this.waiting.delete(id);
      if (error === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(error));
    };
    this.worker.onerror = (event) => {
      for (const { reject } of this.waiting.values()) reject(new Error(event.message || "the worker cannot be loaded"));
      this.waiting.clear();
    };
  }

  /**
   * The card of the model that is read with.
   *
   * @param {string} name
   */
  async use(name) {
    const model = this.files.models.find(({ card }) => card.name === name) ?? this.files.models[0];
    await this.ask("use", { card: model.card, network: String(new URL(model.network, this.base)) });
    return model.card;
  }

  /**
   * The readings of the stream's next picture; null while another picture is being read.
   *
   * @param {CanvasImageSource & ImageBitmapSource} picture
   * @param {number} timeS
   * @returns {Promise<ShownFrame | null>}
   */
  async frame(picture, timeS) {
    if (this.isBusy) return null;
    this.isBusy = true;
    try {
      const bitmap = await createImageBitmap(picture);
      return await this.ask("frame", { bitmap, timeS }, [bitmap]);
    } finally {
      this.isBusy = false;
    }
  }

  /**
   * The readings of a picture that stands alone.
   *
   * @param {ImageBitmap} bitmap It is used up.
   * @returns {Promise<ShownFrame>}
   */
  photo(bitmap) {
    return this.ask("photo", { bitmap }, [bitmap]);
  }

  /**
   * @param {string} task One of those in the worker.
   * @param {object} given
   * @param {Transferable[]} transferred
   * @returns {Promise<any>}
   */
  ask(task, given = {}, transferred = []) {
    const id = ++this.asked;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, task, ...given }, transferred);
    });
  }

  close() {
    this.worker.terminate();
  }

  /** @param {("script" | "wasm" | "detector")[]} names */
  addresses(...names) {
    return Object.fromEntries(names.map((name) => [name, String(new URL(this.files[name], this.base))]));
  }
}
