/** Live: the camera's picture with its faces, read on the visitor's own device. */

import { provenanceOf } from "../engine/output/provenance.js";
import { Bars } from "./bars.js";
import { Chart } from "./chart.js";
import { button, element, face, labelled } from "./elements.js";
import { Engine } from "./engine.js";
import { Neutral } from "./neutral.js";
import { Photo } from "./photo.js";
import { Recorder } from "./recorder.js";
import { Settings } from "./settings.js";
import { Stage } from "./stage.js";

/** @typedef {import("../engine/recognizer.js").Card} Card */
/** @typedef {import("./engine.js").ShownFrame} ShownFrame */

/**
 * @typedef {object} Options
 * @property {string} base Address of the folder with the engine's files, with a slash at its end.
 * @property {boolean} [hasPhoto] Whether photos can be read too.
 * @property {string} [otherwise] What else the visitor can do where the browser cannot read faces, as a clause.
 * @property {string} [model] Name of the model to begin with.
 */

const PACE_S = 5; // over which pictures are counted
const SENTENCES = {
  wasm: "This browser cannot run WebAssembly, with which faces are read here: use a newer one",
  hidden: "This page is out of sight: reading goes on when you come back to it.",
  gone: "The camera is gone: connect it again and press Start.",
};

/** The page's live part. */
export class Live {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    /** @type {Promise<Engine> | null} */
    this.loading = null;
    /** @type {Card | null} */
    this.card = null;
    this.isRunning = false;
    this.beganS = 0;
    /** @type {number[]} Times of the pictures of the last seconds. */
    this.times = [];
    this.stage = new Stage();
    this.bars = new Bars();
    this.chart = new Chart();
    this.recorder = new Recorder();
    this.neutral = new Neutral({ onTake: () => this.tell("startBaseline"), onDrop: () => this.tell("forgetBaseline") });
    this.settings = new Settings({
      onModel: () => this.useModel(),
      onMirror: () => this.stage.mirror(this.settings.isMirrored),
      onOptions: () => this.tell("change", { options: this.settings.options }),
    });
    this.stage.mirror(this.settings.isMirrored);
    this.toggle = button("", () => this.switch());
    this.consent = element("input", { type: "checkbox", onchange: () => this.refresh() });
    this.status = element("p", { className: "status" });
    this.status.setAttribute("role", "status");
    this.pace = element("span", { className: "state" });
    this.root = element(
      "div",
      { className: "mien" },
      labelled("Everyone in view of the camera knows about this and agrees.", this.consent),
      this.status,
      element(
        "div",
        { className: "columns" },
        element(
          "div",
          { className: "panels" },
          this.stage.root,
          element(
            "div",
            { className: "bar" },
            this.toggle,
            this.neutral.take,
            this.recorder.toggle,
            this.settings.toggle,
          ),
          this.settings.root,
          this.pace,
          this.neutral.root,
          this.recorder.root,
        ),
        element("div", { className: "readings" }, this.bars.root, this.chart.root),
      ),
    );
    if (options.hasPhoto) this.root.append(new Photo(() => this.engine(), (sentence) => this.say(sentence)).root);
    this.onVisibility = () => this.isRunning && this.say(document.hidden ? SENTENCES.hidden : "");
    document.addEventListener("visibilitychange", this.onVisibility);
    this.canRun = typeof WebAssembly !== "undefined";
    if (!this.canRun) this.say(this.orElse(SENTENCES.wasm));
    this.refresh();
  }

  /**
   * The engine, loaded when it is first asked for.
   *
   * @returns {Promise<Engine>}
   */
  engine() {
    this.loading ??= this.load().catch((error) => {
      this.loading = null; // so that it can be tried again
      throw new Error(this.orElse(`The engine cannot be loaded (${error.message}): reload the page`));
    });
    return this.loading;
  }

  async load() {
    this.say("Loading the engine, the first time only.");
    const engine = await Engine.start(this.options.base);
    this.settings.offer(
      engine.files.models.map(({ card }) => card.name),
      this.options.model,
    );
    this.card = await engine.use(this.settings.model);
    this.say("");
    return engine;
  }

  async useModel() {
    const engine = await this.engine();
    this.card = await engine.use(this.settings.model);
    if (this.isRunning) this.recorder.use(this.card);
  }

  async switch() {
    if (this.isRunning) {
      this.stop();
      return;
    }
    this.toggle.disabled = true;
    try {
      await this.start(await this.engine());
    } catch (error) {
      this.fail(/** @type {Error} */ (error).message);
    }
  }

  /** @param {Engine} engine */
  async start(engine) {
    this.say("Opening the camera.");
    await this.stage.open(() => this.fail(SENTENCES.gone));
    await engine.ask("begin", { options: this.settings.options });
    this.isRunning = true;
    this.beganS = performance.now() / 1000;
    this.times = [];
    this.chart.clear();
    this.recorder.use(this.card);
    this.say("");
    this.refresh();
    this.stage.next(() => this.read(engine));
  }

  /** @param {Engine} engine */
  async read(engine) {
    if (!this.isRunning) return;
    try {
      const frame = await engine.frame(this.stage.video, performance.now() / 1000 - this.beganS);
      if (!this.isRunning) return;
      if (frame) this.show(frame);
      this.stage.next(() => this.read(engine));
    } catch (error) {
      this.fail(/** @type {Error} */ (error).message);
    }
  }

  /** @param {ShownFrame} frame */
  show(frame) {
    this.stage.show(frame);
    this.bars.show(frame.readings);
    this.chart.add(frame);
    if (this.card) this.recorder.add(frame, provenanceOf(this.card, this.settings.options, frame.atRest));
    this.neutral.show(frame.readings);
    this.times.push(frame.timeS);
    while (this.times[0] < frame.timeS - PACE_S) this.times.shift();
    const passedS = frame.timeS - this.times[0];
    this.pace.textContent = passedS > 1 ? `${((this.times.length - 1) / passedS).toFixed(1)} frames per second` : "";
  }

  /** Let the camera go; what was recorded stays. */
  stop() {
    this.isRunning = false;
    this.stage.close();
    this.recorder.use(null);
    this.neutral.show(null);
    this.bars.show([]);
    this.pace.textContent = "";
    this.refresh();
  }

  /**
   * Stop, and say why.
   *
   * @param {string} sentence
   */
  fail(sentence) {
    this.stop();
    this.say(sentence);
  }

  refresh() {
    face(this.toggle, this.isRunning ? "stop" : "start", this.isRunning ? "Stop" : "Start");
    this.toggle.className = this.isRunning ? "" : "primary";
    this.toggle.disabled = !this.canRun || !(this.isRunning || this.consent.checked);
  }

  /**
   * Give the worker a task, where there is one.
   *
   * @param {string} task
   * @param {object} given
   */
  async tell(task, given = {}) {
    if (this.isRunning) await (await this.engine()).ask(task, given);
  }

  /** @param {string} sentence */
  say(sentence) {
    this.status.textContent = sentence;
  }

  /**
   * A sentence that ends in what else can be done.
   *
   * @param {string} sentence
   */
  orElse(sentence) {
    return this.options.otherwise ? `${sentence}, or ${this.options.otherwise}.` : `${sentence}.`;
  }

  /** Free the camera and the worker. */
  close() {
    this.stop();
    document.removeEventListener("visibilitychange", this.onVisibility);
    this.loading?.then((engine) => engine.close());
  }
}
