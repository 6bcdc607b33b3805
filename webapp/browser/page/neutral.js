/** The personal baseline: a button that takes the neutral faces in view, how far that is, and a button that drops them. */

import { button, element, face } from "./elements.js";

/** @typedef {import("./engine.js").ShownReading} ShownReading */

/** The personal baseline: a button for the bar, `take`, and what is shown below it. */
export class Neutral {
  /** @param {{onTake: () => void, onDrop: () => void}} told What to call at the buttons. */
  constructor({ onTake, onDrop }) {
    this.take = button("", onTake);
    face(this.take, "baseline", "Baseline");
    this.drop = button("Remove", onDrop);
    this.progress = element("progress", { max: 1, value: 0 });
    this.progress.setAttribute("aria-label", "Look neutral and hold still");
    this.state = element("span", { className: "state" });
    this.root = element(
      "section",
      {},
      element("p", {
        className: "state",
        textContent:
          "Baseline: look neutral for three seconds, and your other expressions are read better from then on.",
      }),
      element("div", { className: "line" }, this.progress, this.state, this.drop),
    );
    this.show(null);
  }

  /** @param {ShownReading[] | null} readings The faces in view; null where no stream runs. */
  show(readings) {
    const progress = (readings ?? []).map(({ baseline }) => baseline).filter((taken) => taken !== null);
    const taking = progress.filter((taken) => taken < 1);
    this.root.hidden = !readings;
    this.take.disabled = !readings?.length || taking.length > 0;
    this.progress.hidden = !taking.length;
    if (taking.length) this.progress.value = Math.min(...taking);
    this.state.textContent = taking.length ? "Look neutral and hold still …" : progress.length ? "Baseline on" : "";
    this.drop.hidden = !progress.length || taking.length > 0;
  }
}
