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
