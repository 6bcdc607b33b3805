// @vladmandic/face-api on WebAssembly: its tiny detector and its model of expressions.
const path = require('path');
const { environment, startBackend, converse } = require('./conversation.cjs');

const tf = environment('@tensorflow/tfjs');
const wasm = environment('@tensorflow/tfjs-backend-wasm');
const program = environment.resolve('@vladmandic/face-api/dist/face-api.node-wasm.js');
const faceapi = environment(program);

function best(expressions) {
  return expressions.asSortedArray()[0].expression;
}

(async () => {
  await startBackend(tf, wasm);
  const models = path.join(path.dirname(program), '../model');
  await faceapi.nets.tinyFaceDetector.loadFromDisk(models);
  await faceapi.nets.faceExpressionNet.loadFromDisk(models);
  const options = new faceapi.TinyFaceDetectorOptions();

  await converse(tf, async (tensor, kind) => {
    if (kind === 'crop') return [best(await faceapi.nets.faceExpressionNet.predictExpressions(tensor)), 1];
    const faces = await faceapi.detectAllFaces(tensor, options).withFaceExpressions();
    const [largest] = faces.sort((a, b) => b.detection.box.width - a.detection.box.width);
    return [largest ? best(largest.expressions) : null, faces.length];
  });
})();
