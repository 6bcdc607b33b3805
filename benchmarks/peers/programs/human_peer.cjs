// @vladmandic/human on WebAssembly: its detector and its model of emotions, without the mesh and what needs it.
const path = require('path');
const { environment, startBackend, converse } = require('./conversation.cjs');

const tf = environment('@tensorflow/tfjs-core');
const wasm = environment('@tensorflow/tfjs-backend-wasm');
const program = path.join(process.argv[2], 'node_modules/@vladmandic/human/dist/human.node-wasm.js'); // its exports name no such file
const { Human, env } = require(program);
const models = path.join(path.dirname(program), '../models/');
const LABELS = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral'];
const off = { enabled: false };

(async () => {
  await startBackend(tf, wasm);
  env.updateBackend();
  const human = new Human({
    backend: 'wasm',
    modelBasePath: `file://${models}`,
    cacheSensitivity: 0, // each picture is looked at
    debug: false,
    async: false,
    filter: off,
    face: {
      detector: { rotation: false },
      mesh: off, iris: off, description: off, antispoof: off, liveness: off,
      emotion: { enabled: true, skipFrames: 0, skipTime: 0, minConfidence: 0 },
    },
    body: off, hand: off, object: off, segmentation: off, gesture: off,
  });
  await human.load();

  // The crop goes straight to the model, prepared as the library prepares a face that it has found.
  async function ofCrop(tensor) {
    const answers = tf.tidy(() => {
      const face = tf.image.resizeBilinear(tf.expandDims(tf.div(tf.cast(tensor, 'float32'), 255), 0), [64, 64]);
      const grey = tf.sum(tf.mul(face, [0.2989, 0.587, 0.114]), 3, true);
      return human.models.models.emotion.execute(tf.mul(tf.sub(grey, 0.5), 2));
    });
    const values = Array.from(await answers.data());
    tf.dispose(answers);
    return [LABELS[values.indexOf(Math.max(...values))], 1];
  }

  async function ofFrame(tensor) {
    const { face } = await human.detect(tensor);
    const [largest] = [...face].sort((a, b) => b.box[2] - a.box[2]);
    return [largest?.emotion?.[0]?.emotion ?? null, face.length];
  }

  await converse(tf, (tensor, kind) => (kind === 'crop' ? ofCrop(tensor) : ofFrame(tensor)));
})();
