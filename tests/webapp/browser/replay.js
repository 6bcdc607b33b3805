// Replays a recorded stream through the engine of the browser, each frame from the state that the other engine was in.

const engine = (path) => import(new URL(path, globalThis.ENGINE));
const { Detector } = await engine("faces/detector.js");
const { FaceFinder } = await engine("faces/finder.js");
const { Pyramid } = await engine("faces/pyramid.js");
const { hintsOf } = await engine("faces/quality.js");
const { Runtime } = await engine("inference/network.js");
const { isUnsure } = await engine("readings.js");
const { Recognizer } = await engine("recognizer.js");
const { Session } = await engine("streams/session.js");

/**
 * What this engine finds, answers and makes of each frame, to be compared with what the other one did.
 *
 * @param {object} files `factory` and `wasmBinary` of LiteRT, and the content of `detector` and `model`.
 * @param {object} recording As tests/webapp/browser/test_parity.py writes it.
 * @param {Uint8Array} pixels The pictures, RGB, one after the other.
 */
export async function replay({ factory, wasmBinary, detector, model }, recording, pixels) {
  const runtime = await Runtime.start(factory, { wasmBinary });
  const finder = new FaceFinder(new Detector(runtime.open(detector)));
  const recognizer = new Recognizer(recording.card, runtime.open(model), finder);
  let recorded; // the frame that the other engine's finder and model would speak of
  let asked;
  const other = {
    card: recording.card,
    finder: { follow: (pyramid, known, scan) => ((asked = { known, scan }), recorded.readings.map(faceOf)) },
    answer: (face) => recorded.readings[face.position].raw,
  };
  const session = new Session(other, recording.options);
  const size = recording.width * recording.height * 3;
  return recording.frames.map((frame, index) => {
    recorded = frame;
    const data = pixels.subarray(index * size, (index + 1) * size);
    const picture = { width: recording.width, height: recording.height, channels: 3, data };
    if (frame.startsBaseline) session.baselines.start();
    const found = finder.follow(new Pyramid(picture), frame.known, frame.scan);
    const plain = frame.readings.map((reading, position) => recognizer.answer(faceOf(reading, position)));
    const { readings } = session.read(picture, frame.timeS);
    return {
      found: found.map(({ box, score, eyes, mouth, quality }) => {
        return { box, score, points: [...eyes, mouth].flat(), quality, hints: hintsOf(quality) };
      }),
      plain,
      asked: { known: asked.known.map(({ box }) => box), scan: asked.scan },
      readings: readings.map(({ number, answers }) => ({
        number,
        answers: mapped(answers, (answer) => ({ ...answer, unsure: isUnsure(answer) })),
        progress: session.baselines.progress(number),
      })),
    };
  });
}

function faceOf({ face }, position) {
  return { ...face, position, crop: { width: 48, height: 48, channels: 3, data: Uint8Array.from(face.crop) } };
}

function mapped(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}
