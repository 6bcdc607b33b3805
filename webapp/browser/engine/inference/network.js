/** Networks in `.tflite` files, run with LiteRT compiled to WebAssembly; the twin of core/inference/litert.py. */

/**
 * @typedef {Record<string, any>} Wasm The module that LiteRT's own script makes; its objects live in its memory until
 * they are deleted.
 */

const [FLOAT32, UINT8] = [1, 3]; // types of elements, as LiteRT counts them

/** LiteRT, loaded once for all networks. */
export class Runtime {
  /**
   * @param {Wasm} wasm
   */
  constructor(wasm) {
    this.wasm = wasm;
    this.environment = wasm.LiteRtEnvironment.create(null); // on the processor: no graphics card is asked for
  }

  /**
   * Start LiteRT.
   *
   * @param {(options: object) => Promise<Wasm>} factory What LiteRT's script defines as `ModuleFactory`.
   * @param {{wasmBinary: Uint8Array} | {locateFile: () => string}} code Its `.wasm` file, or where that is.
   */
  static async start(factory, code) {
    const quiet = () => {}; // it writes mere information where errors go
    return new Runtime(await factory({ ...code, print: quiet, printErr: quiet }));
  }

  /**
   * Open a network.
   *
   * @param {Uint8Array} content A `.tflite` file whose batch is 1.
   */
  open(content) {
    return new Network(this, content);
  }
}

/** One network with one input; what it answers is a Float32Array for each name of an output. */
export class Network {
  /**
   * @param {Runtime} runtime
   * @param {Uint8Array} content
   */
  constructor({ wasm, environment }, content) {
    this.wasm = wasm;
    this.content = wasm._malloc(content.length); // which the model reads as long as it lives
    wasm.HEAPU8.set(content, this.content);
    this.model = wasm.loadModel(environment, this.content, content.length);
    const options = { environment: { liteRtEnvironment: environment }, accelerator: "wasm" };
    const further = { cpuOptions: { numThreads: 1 }, gpuOptions: {}, webNNOptions: {} };
    this.compiled = wasm.compileModel(environment, this.model, { ...options, ...further });
    const type = this.model.getInputTensorType(0, 0);
    const kind = type.elementType().value;
    if (kind !== FLOAT32 && kind !== UINT8) throw new Error(`a network takes numbers of the kind ${kind}`);
    this.input = wasm.LiteRtTensorBuffer.createManaged(
      environment,
      wasm.LiteRtTensorBufferType.HOST_MEMORY,
      type,
      type.bytes(),
    );
    type.delete();
    const signature = this.model.getSignature(0);
    this.outputs = listed(signature.outputNames());
    signature.delete();
  }

  /**
   * The network's answers.
   *
   * @param {Uint8Array | Float32Array} values As many and of the kind that it takes.
   * @returns {Record<string, Float32Array>}
   */
  run(values) {
    const { wasm, input } = this;
    const mode = wasm.LiteRtTensorBufferLockMode;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const place = input.lock(mode.WRITE);
    wasm.HEAPU8.set(bytes, place);
    input.unlock();
    const buffers = this.compiled.run(0, [input]);
    const answers = buffers.map((/** @type {any} */ buffer, /** @type {number} */ index) => {
      const start = buffer.lock(mode.READ);
      const copy = wasm.HEAPU8.slice(start, start + buffer.packedSize());
      buffer.unlock();
      buffer.delete();
      return [this.outputs[index], new Float32Array(copy.buffer)];
    });
    return Object.fromEntries(answers);
  }

  /** Free the network's memory. */
  close() {
    this.input.delete();
    this.compiled.delete();
    this.model.delete();
    this.wasm._free(this.content);
  }
}

/**
 * @param {any} vector
 * @returns {string[]}
 */
function listed(vector) {
  const values = Array.from({ length: vector.size() }, (_, index) => vector.get(index));
  vector.delete();
  return values;
}
