// A whole visit to the static page, as one who clicks would make it; it needs nothing of the browser that tests drive.

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const headings = () => [...document.querySelectorAll(".face h2")].map((heading) => heading.textContent);
const press = (name) => [...document.querySelectorAll("button")].find((one) => one.textContent === name).click();
const rows = () => Number(/^(\d+) rows$/m.exec(document.querySelector(".mien").innerText)?.[1] ?? 0);

async function until(what, test, seconds = 120) {
  const end = Date.now() + 1000 * seconds;
  while (!test()) {
    if (Date.now() > end) throw new Error(`${what}: not seen, but ${headings()}; ${document.querySelector(".mien").innerText}`);
    await pause(50);
  }
}

/** Start, record, take a baseline, mark, stop; gives every heading that was shown while it was recorded, and the files. */
async function walk() {
  const blobs = new Map();
  const saved = {};
  const made = URL.createObjectURL;
  URL.createObjectURL = (blob) => {
    const address = made.call(URL, blob);
    blobs.set(address, blob);
    return address;
  };
  HTMLAnchorElement.prototype.click = function () {
    saved[this.download] = blobs.get(this.href);
  };
  document.querySelector("input[type=checkbox]").click();
  press("Start");
  await until("two faces", () => headings().length === 2);
  await until("a happy face", () => headings().some((heading) => heading.includes("happy")));
  press("Record");
  const shown = new Set(); // of the frames from now on
  const observer = new MutationObserver(() => headings().forEach((heading) => shown.add(heading)));
  observer.observe(document.querySelector(".faces"), { childList: true, subtree: true, characterData: true });
  await until("both expressions", () => new Set([...shown].map((heading) => heading.split(" ")[3])).size > 2);
  press("Baseline");
  await until("a baseline", () => headings().some((heading) => heading.includes("baseline on")));
  document.querySelector("input[aria-label=Event]").value = "the baseline is there";
  press("Mark");
  const before = rows();
  await until("more rows", () => rows() > before + 10);
  press("Stop recording");
  observer.disconnect();
  for (const name of ["CSV", "JSON Lines", "How it was read"]) press(name);
  const texts = Object.entries(saved).map(async ([name, blob]) => [name, await blob.text()]);
  return { shown: [...shown], files: Object.fromEntries(await Promise.all(texts)) };
}

/** Record again, though the page's server is gone by now; then let the camera go. */
async function goOn() {
  press("Record");
  await until("rows without a server", () => rows() >= 5);
  press("Stop");
  await until("the end", () => !headings().length);
  return document.querySelector("video").srcObject === null;
}
