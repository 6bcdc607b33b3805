// The protocol of conversation.py in JavaScript, and TensorFlow.js on WebAssembly from local files only.
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { createRequire } = require('module');

const environment = createRequire(path.join(process.argv[2], 'package.json'));
const { PNG } = environment('pngjs');
for (const name of ['log', 'info', 'warn', 'debug']) console[name] = console.error; // what a library prints is no answer

// Node's own fetch takes no file addresses.
const overNetwork = globalThis.fetch;
globalThis.fetch = async (url, options) =>
  String(url).startsWith('file://')
    ? new Response(fs.readFileSync(new URL(url)), { headers: { 'content-type': 'application/octet-stream' } })
    : overNetwork(url, options);

async function startBackend(tf, wasm) {
  wasm.setWasmPaths(path.join(path.dirname(environment.resolve('@tensorflow/tfjs-backend-wasm/package.json')), 'dist/'));
  await tf.setBackend('wasm');
  await tf.ready();
}

const decoded = new Map();
function picture(file, kind) {
  if (decoded.has(file)) return decoded.get(file);
  const { data, width, height } = PNG.sync.read(fs.readFileSync(file));
  const rgb = new Int32Array(width * height * 3);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[4 * i + c];
  const pixels = { rgb, width, height };
  if (kind === 'frame') decoded.set(file, pixels);
  return pixels;
}

// answer(tensor, kind): int32 RGB (height, width, 3) to [label or null, number of faces]. Making the tensor is timed.
async function converse(tf, answer) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const { rgb, width, height } = picture(request.picture, request.kind);
    const start = performance.now();
    const tensor = tf.tensor(rgb, [height, width, 3], 'int32');
    const [label, faces] = await answer(tensor, request.kind);
    tf.dispose(tensor);
    const ms = performance.now() - start;
    process.stdout.write(`${JSON.stringify({ label, faces, ms })}\n`);
  }
}

module.exports = { environment, startBackend, converse };
