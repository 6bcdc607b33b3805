/** Patches cut out of a picture, from a pyramid of ever halved copies, as in core/faces/pyramid.py. */

import { scaleOf } from "./geometry.js";
import { cutPatch, shrunk } from "./pixels.js";

/** @typedef {import("./geometry.js").Matrix} Matrix */
/** @typedef {import("./pixels.js").Pixels} Pixels */
/** @typedef {import("./pixels.js").Border} Border */

/** A picture from which patches are cut at any scale, rotation and position without aliasing. */
export class Pyramid {
  /** @param {Pixels} picture */
  constructor(picture) {
    this.width = picture.width;
    this.height = picture.height;
    /** @type {Pixels[]} */
    this.levels = [picture];
  }

  /**
   * The patch that a matrix maps the whole picture onto.
   *
   * @param {Matrix} matrix
   * @param {number} size Side length of the patch, in pixels.
   * @param {Border} border What lies beyond the picture's edge.
   * @returns {Pixels}
   */
  cut(matrix, size, border = "reflect") {
    const source = this.level(scaleOf(matrix));
    const [across, down] = [this.width / source.width, this.height / source.height];
    const [a, b, c, d, e, f] = matrix;
    return cutPatch(source, [a * across, b * down, c, d * across, e * down, f], size, border);
  }

  /**
   * The smallest copy that is still no smaller than the patch's scale; made when first asked for.
   *
   * @param {number} scale
   */
  level(scale) {
    const wanted = Math.max(0, Math.floor(Math.log2(1 / scale) + 1e-6));
    for (let last = this.smallest; this.levels.length <= wanted; last = this.smallest) {
      if (Math.min(last.width, last.height) <= 1) break;
      this.levels.push(shrunk(last, (last.width + 1) >> 1, (last.height + 1) >> 1));
    }
    return this.levels[Math.min(wanted, this.levels.length - 1)];
  }

  get smallest() {
    return this.levels[this.levels.length - 1];
  }
}
