/** The stage: the camera's picture with the frames around its faces. */

import * as camera from "./camera.js";
import { element } from "./elements.js";
import { clear, draw } from "./overlay.js";

/** @typedef {import("./engine.js").ShownFrame} ShownFrame */

/** A video element under a canvas. */
export class Stage {
  constructor() {
    this.video = element("video", { playsInline: true, muted: true });
    this.marks = element("canvas");
    this.root = element("div", { className: "stage", hidden: true }, this.video, this.marks);
    this.isMirrored = false;
  }

  /** @param {boolean} isMirrored */
  mirror(isMirrored) {
    this.isMirrored = isMirrored;
    this.video.classList.toggle("mirrored", isMirrored);
  }

  /**
   * Show the camera.
   *
   * @param {() => void} onGone Called when the camera ends by itself.
   */
  async open(onGone) {
    const track = await camera.open(this.video);
    track.onended = onGone;
    this.root.hidden = false;
  }

  /** Let the camera go. */
  close() {
    camera.close(this.video);
    clear(this.marks);
    this.root.hidden = true;
  }

  /** @param {ShownFrame} frame */
  show(frame) {
    draw(this.marks, frame, this.isMirrored);
  }

  /**
   * Call back at the camera's next picture; in a page out of sight that is when it comes back.
   *
   * @param {() => void} then
   */
  next(then) {
    if (this.video.requestVideoFrameCallback) this.video.requestVideoFrameCallback(then);
    else requestAnimationFrame(then);
  }
}
