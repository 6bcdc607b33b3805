import { mount } from "./mien.js";

mount(document.getElementById("live"), { base: new URL("./", import.meta.url).href, hasPhoto: true });

// Keeps the files, so that the page works without a network; where there is no service worker, it works with one.
navigator.serviceWorker?.register("offline.js").catch(() => {});
