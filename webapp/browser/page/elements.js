/** Elements of a page, made in one expression. */

/**
 * An element with properties and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Partial<HTMLElementTagNameMap[Tag]>} properties
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/**
 * A button.
 *
 * @param {string} text
 * @param {() => void} onclick
 * @param {string} className
 */
export function button(text, onclick, className = "") {
  return element("button", { type: "button", textContent: text, onclick, className });
}

/** What the buttons of the bar show above their words: paths in a square of 24 units. */
const ICONS = {
  start: "M8 5v14l11-7z",
  stop: "M6 6h12v12H6z",
  baseline: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 9h2v2H8zM14 9h2v2h-2zM8 15h8v1.6H8z",
  record: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zM12 7a5 5 0 1 1 0 10 5 5 0 0 1 0-10z",
  settings: "M3 6h9v2H3zM16 4h2v6h-2zM18 6h3v2h-3zM3 16h3v2H3zM8 14h2v6H8zM12 16h9v2h-9z",
};

/**
 * Let a button of the bar show an icon above a word.
 *
 * @param {HTMLButtonElement} made
 * @param {keyof typeof ICONS} icon
 * @param {string} text
 */
export function face(made, icon, text) {
  if (made.textContent === text) return;
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[icon]);
  path.setAttribute("fill-rule", "evenodd");
  picture.append(path);
  made.replaceChildren(picture, text);
}

/**
 * A control with its label.
 *
 * @param {string} text
 * @param {HTMLElement} control
 * @param {"before" | "after"} side Where the text stands.
 */
export function labelled(text, control, side = "after") {
  return element("label", {}, ...(side === "before" ? [text, control] : [control, text]));
}
