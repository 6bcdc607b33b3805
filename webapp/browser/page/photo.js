/** Photos: pictures that the visitor chooses, read on the same device. */

import { Bars } from "./bars.js";
import { element } from "./elements.js";
import { draw } from "./overlay.js";

/** @typedef {import("./engine.js").Engine} Engine */

const LONGEST = 2048; // pixels of a side; the quick search finds faces of a seventh of it, in any case

/** The panel that reads a photo. */
export class Photo {
  /**
   * @param {() => Promise<Engine>} engine Loads the engine where it is not there yet.
   * @param {(sentence: string) => void} say
   */
  constructor(engine, say) {
    this.engine = engine;
    this.say = say;
    this.bars = new Bars();
    this.picture = element("canvas", { className: "picture" });
    this.marks = element("canvas");
    this.stage = element("div", { className: "stage", hidden: true }, this.picture, this.marks);
    const choose = element("input", { type: "file", accept: "image/*" });
    choose.onchange = () => choose.files?.[0] && this.read(choose.files[0]);
    this.root = element(
      "section",
      { className: "panel" },
      element("h2", { textContent: "Photo" }),
      element("label", {}, "Read a photo ", choose),
      this.stage,
      this.bars.root,
    );
  }

  /** @param {File} file */
  async read(file) {
    try {
      const whole = await createImageBitmap(file);
      const scale = Math.min(1, LONGEST / Math.max(whole.width, whole.height));
      const [width, height] = [Math.round(whole.width * scale), Math.round(whole.height * scale)];
      Object.assign(this.picture, { width, height });
      this.picture.getContext("2d")?.drawImage(whole, 0, 0, width, height);
      whole.close();
    } catch {
      this.say(`${file.name} is no picture that this browser can open: choose a JPEG, PNG or WebP file.`);
      return;
    }
    try {
      const engine = await this.engine();
      const frame = await engine.photo(await createImageBitmap(this.picture));
      this.stage.hidden = false;
      draw(this.marks, frame, false);
      this.bars.show(frame.readings);
      this.say(frame.readings.length ? "" : "No face was found in the photo: choose one in which a face is larger.");
    } catch (error) {
      this.say(/** @type {Error} */ (error).message);
    }
  }
}
