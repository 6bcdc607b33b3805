/** Settings: what a viewer can change while the stream runs. */

import { button, element, face, labelled } from "./elements.js";

const USUAL_SMOOTHING_S = "0.4"; // as `SessionOptions` in core/streams/session.py

/** The settings: a button for the bar, `toggle`, that shows and hides their controls. */
export class Settings {
  /** @param {{onModel: () => void, onMirror: () => void, onOptions: () => void}} told What to call after a change. */
  constructor({ onModel, onMirror, onOptions }) {
    this.models = element("select", { onchange: onModel });
    this.choice = labelled("Model", this.models, "before");
    this.choice.hidden = true;
    this.mirror = element("input", { type: "checkbox", checked: true, onchange: onMirror });
    this.flat = element("input", { type: "checkbox", onchange: onOptions });
    this.smoothing = element("input", { type: "range", min: "0", max: "3", step: "0.1", value: USUAL_SMOOTHING_S });
    this.smoothing.oninput = () => {
      this.seconds.textContent = `${this.smoothing.value} s`;
      onOptions();
    };
    this.seconds = element("span", { className: "state", textContent: `${USUAL_SMOOTHING_S} s` });
    const smoothing = labelled("Smoothing", this.smoothing, "before");
    smoothing.append(this.seconds);
    this.root = element(
      "section",
      { className: "panel line", hidden: true },
      this.choice,
      labelled("Mirror the picture", this.mirror),
      labelled("Correct for rare expressions", this.flat),
      smoothing,
    );
    this.toggle = button("", () => {
      this.root.hidden = !this.root.hidden;
      this.toggle.setAttribute("aria-expanded", String(!this.root.hidden));
    });
    this.toggle.setAttribute("aria-expanded", "false");
    face(this.toggle, "settings", "Settings");
  }

  /**
   * Offer these models.
   *
   * @param {string[]} names
   * @param {string} [chosen]
   */
  offer(names, chosen) {
    this.models.replaceChildren(...names.map((name) => element("option", { value: name, textContent: name })));
    if (chosen && names.includes(chosen)) this.models.value = chosen;
    this.choice.hidden = names.length < 2;
  }

  get model() {
    return this.models.value;
  }

  get isMirrored() {
    return this.mirror.checked;
  }

  /** @returns {import("../engine/streams/session.js").SessionOptions} */
  get options() {
    return { smoothingS: Number(this.smoothing.value), flatPrior: this.flat.checked };
  }
}
