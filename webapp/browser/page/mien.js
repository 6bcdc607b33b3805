/** What a page needs: `mount(root, options)` puts the live part into an element and gives a function that removes it. */

import { Live } from "./live.js";

/**
 * @param {ParentNode & Node} root
 * @param {import("./live.js").Options} options
 */
export function mount(root, options) {
  const live = new Live(options);
  root.appendChild(live.root);
  return () => {
    live.close();
    live.root.remove();
  };
}
