// Measures the engine of the browser in a page that a benchmark opens: beside human, and over a clip.

const engine = (path) => import(new URL(`/engine/${path}`, location.href));
const { Detector } = await engine("faces/detector.js");
const { FaceFinder } = await engine("faces/finder.js");
const { Runtime } = await engine("inference/network.js");
const { isUnsure, labelOf, mainAnswer } = await engine("readings.js");
const { Recognizer } = await engine("recognizer.js");
const { Session } = await engine("streams/session.js");

const bytes = async (name) => new Uint8Array(await (await fetch(name)).arrayBuffer());
const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d", { willReadFrequently: true });

async function picture(name) {
  return createImageBitmap(await (await fetch(name)).blob(), { colorSpaceConversion: "none" });
}

function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.drawImage(bitmap, 0, 0);
  return { width, height, channels: 4, data: context.getImageData(0, 0, width, height).data };
}

/** A session on the files of the site, and `spent`, the milliseconds of its stages since they were last taken out. */
async function started() {
  const files = await (await fetch("/site/files.json")).json();
  const wasmBinary = await bytes(`/site/${files.wasm}`);
  const runtime = await Runtime.start(globalThis.ModuleFactory, { wasmBinary });
  const finder = new FaceFinder(new Detector(runtime.open(await bytes(`/site/${files.detector}`))));
  const [{ card, network }] = files.models;
  const recognizer = new Recognizer(card, runtime.open(await bytes(`/site/${network}`)), finder);
  const spent = {};
  time(finder, "follow", "find and crop faces", spent);
  time(recognizer, "answer", "classify", spent);
  return { session: new Session(recognizer, { smoothingS: 0.4, flatPrior: false }), spent };
}

function time(object, name, stage, spent) {
  const call = object[name].bind(object);
  object[name] = (...given) => {
    const began = performance.now();
    const result = call(...given);
    spent[stage] = (spent[stage] ?? 0) + performance.now() - began;
    return result;
  };
}

async function humans() {
  const { Human } = await import("/human/@vladmandic/human/dist/human.esm.js");
  const off = { enabled: false };
  const human = new Human({
    backend: "wasm",
    wasmPath: "/human/@tensorflow/tfjs-backend-wasm/dist/",
    modelBasePath: "/human/@vladmandic/human/models/",
    cacheSensitivity: 0, // each picture is looked at
    debug: false,
    async: false,
    filter: off,
    face: {
      ...{ detector: { rotation: false }, mesh: off, iris: off, description: off, antispoof: off, liveness: off },
      emotion: { enabled: true, skipFrames: 0, skipTime: 0, minConfidence: 0 },
    },
    ...{ body: off, hand: off, object: off, segmentation: off, gesture: off },
  });
  await human.load();
  return human;
}

/** Milliseconds of every picture in both programs, in turns, and of the stages that each of them tells. */
export async function besideHuman(count, rounds) {
  const shots = await Promise.all(Array.from({ length: count }, (_, index) => picture(`/frames/${index}.png`)));
  const { session, spent } = await started();
  const human = await humans();
  const times = { mien: [], human: [] };
  const stages = [];
  const found = { mien: 0, human: 0 };
  for (let index = 0; index < count * rounds; index++) {
    const shot = shots[index % count];
    for (const name of Object.keys(spent)) delete spent[name];
    let began = performance.now();
    const pixels = pixelsOf(shot);
    const taken = performance.now() - began;
    const { readings } = session.read(pixels, index / 10);
    const whole = performance.now() - began;
    began = performance.now();
    context.drawImage(shot, 0, 0);
    const { face } = await human.detect(canvas);
    const theirs = performance.now() - began;
    if (index < 3) continue; // both prepare what they need at first
    times.mien.push(whole);
    times.human.push(theirs);
    stages.push({ "take the pixels": taken, ...spent });
    found.mien += readings.length > 0;
    found.human += face.length > 0 && face[0].emotion?.length > 0;
  }
  return { times, stages, found, human: human.version };
}

/** The faces of a clip's pictures, read as one stream: their boxes, numbers and labels. */
export async function clip(count, rate) {
  const { session } = await started();
  const frames = [];
  for (let index = 0; index < count; index++) {
    const { readings } = session.read(pixelsOf(await picture(`/frames/${index}.png`)), index / rate);
    frames.push(
      readings.map(({ face, answers }) => {
        const answer = mainAnswer({ answers });
        return { box: face.box, label: isUnsure(answer) ? "unsure" : labelOf(answer) };
      }),
    );
  }
  return frames;
}

/** A visit that reads some pictures in turns, ten a second at most: the milliseconds that each took. */
export async function visit(count, seconds) {
  const shots = await Promise.all(Array.from({ length: count }, (_, index) => picture(`/frames/${index}.png`)));
  const { session } = await started();
  const end = performance.now() + seconds * 1000;
  const times = [];
  for (let index = 0; performance.now() < end; index++) {
    const began = performance.now();
    session.read(pixelsOf(shots[index % count]), began / 1000);
    const taken = performance.now() - began;
    if (index >= 3) times.push(taken); // it prepares what it needs at first
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, 100 - taken)));
  }
  return times;
}
