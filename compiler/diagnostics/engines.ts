import { diagnostic } from "./diagnostic.ts";

/** What can go wrong with engines and their memory. Codes MTL83xx. */

function amount(bytes: number): string {
  return bytes < 1024 ** 3 ? `${Math.ceil(bytes / 1024 ** 2)} MB` : `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}

export const memoryNotHad = diagnostic<{ bytes: number }>({
  code: "MTL8301",
  name: "memory-not-had",
  severity: "error",
  message: ({ bytes }) => `the computer does not give ${amount(bytes)} of memory`,
  why: "Parameters, the optimizer's vectors and a batch must lie in memory at once. Smaller layers need less, a smaller `batch` needs less, and `sgd` keeps fewer vectors than `adam`.",
  bad: "train { optimizer: adam(rate: 1e-3), batch: 1000000 }",
  good: "train { optimizer: adam(rate: 1e-3), batch: 64 }",
  wrap: "run",
});

export const memoryTooLarge = diagnostic<{ bytes: number; largest: number }>({
  code: "MTL8302",
  name: "memory-too-large",
  severity: "error",
  message: ({ bytes, largest }) =>
    `parameters and the optimizer's vectors need ${amount(bytes)}; an engine holds at most ${amount(largest)}`,
  why: "Whichever engine computes, all weights and the vectors of the optimizer (adam keeps two for each weight) lie in one block of memory with 32-bit addresses. Smaller layers or an optimizer with fewer vectors fit.",
  bad: "shared wide = x -> dense(40000) -> relu -> dense(40000) -> relu",
  good: "shared wide = x -> dense(4000) -> relu -> dense(4000) -> relu",
  wrap: "run",
});

export const engineUnknown = diagnostic<{ engine: string; known: readonly string[] }>({
  code: "MTL8304",
  name: "engine-unknown",
  severity: "error",
  message: ({ engine, known }) => `there is no engine ${engine}; there are ${known.join(", ")}`,
  why: "An engine is what runs the numbers: `onnx` comes with the program, `tfjs`, `tfjs-node` and `tfjs-node-gpu` run on packages of TensorFlow.js that are installed beside it.",
  bad: "mtlc train model.mtl --engine onyx",
  good: "mtlc train model.mtl --engine onnx",
  wrap: "run",
});

export const engineMissing = diagnostic<{ engine: string; reason: string }>({
  code: "MTL8305",
  name: "engine-missing",
  severity: "error",
  message: ({ engine, reason }) => `the engine ${engine} cannot be loaded: ${reason}`,
  why: "The engine is an npm package with a binary for each system. `npm ci` installs it; `mtlc doctor` looks at it and says what is missing.",
  bad: "npm ci --omit=optional --ignore-scripts",
  good: "npm ci",
  wrap: "run",
});

export const deviceUnknown = diagnostic<{ engine: string; device: string; known: readonly string[] }>({
  code: "MTL8306",
  name: "device-unknown",
  severity: "error",
  message: ({ engine, device, known }) => `the engine ${engine} has no device ${device}; it has ${known.join(", ")}`,
  why: "Each engine runs on some devices only: `onnx` on cpu, webgpu and cuda, `tfjs` on cpu and webgpu, `tfjs-node` on cpu, `tfjs-node-gpu` on cuda and cpu.",
  bad: "mtlc train model.mtl --engine tfjs --device cuda",
  good: "mtlc train model.mtl --engine tfjs",
  wrap: "run",
});

export const usedAfterClose = diagnostic<{ call: string }>({
  code: "MTL8312",
  name: "used-after-close",
  severity: "error",
  message: ({ call }) => `\`${call}\` came after \`close()\`: the run gave its engine back`,
  why: "`close` gives back the engine and its memory, once every call before it has its answer. What comes later needs the run loaded anew. One that is loaded once can answer as often as it is asked, so `close` stands at a program's end.",
  bad: 'const birds = await load("runs/birds-1");\nawait birds.close();\nawait birds.predict({ beak: 39.1 });',
  good: 'const birds = await load("runs/birds-1");\nawait birds.predict({ beak: 39.1 });\nawait birds.close();',
  wrap: "run",
});

export const deviceNotHad = diagnostic<{ engine: string; device: string; reason: string }>({
  code: "MTL8303",
  name: "device-not-had",
  severity: "error",
  message: ({ engine, device, reason }) => `the engine ${engine} cannot compute on ${device} here: ${reason}`,
  why: "Nothing falls back silently: a device that was asked for and is not there is an error. `webgpu` needs a graphics card with a driver for Vulkan, Metal or Direct3D 12, `cuda` one of NVIDIA with CUDA's libraries. `mtlc doctor` tries every engine and device.",
  bad: "mtlc train model.mtl --device cuda",
  good: "mtlc train model.mtl --device cpu",
  wrap: "run",
});

export const threadsNotCount = diagnostic<{ name: string; text: string; most: number }>({
  code: "MTL8307",
  name: "threads-not-a-count",
  severity: "error",
  message: ({ name, text, most }) => `${name} is ${text}, which is no whole number from 1 to ${most}`,
  why: "The environment variable MTLC_THREADS says how many threads the engine may use, and so do `--threads` and the `threads` of a program. Each thread takes memory, and more than there are processors are of no use.",
  bad: "MTLC_THREADS=many mtlc train model.mtl",
  good: "MTLC_THREADS=4 mtlc train model.mtl",
  wrap: "run",
});

export const engineNotInstalled = diagnostic<{ engine: string; reason: string }>({
  code: "MTL8308",
  name: "engine-not-installed",
  severity: "error",
  message: ({ engine, reason }) => `the engine ${engine} cannot be used: ${reason}`,
  why: "TensorFlow.js does not come with mtlc: its packages are installed beside it when they are wanted. `tfjs` is plain JavaScript and needs nothing else; `tfjs-node` and `tfjs-node-gpu` bring a binding to libtensorflow, which their install script downloads (npm 12 runs it only where it is allowed to), and the last one needs CUDA 11.2. Where the published binding cannot be used, `docs/engines.md` tells how to build one against the TensorFlow of PyPI. `mtlc doctor` says what works.",
  bad: "mtlc train model.mtl --engine tfjs-node",
  good: "mtlc train model.mtl --engine onnx",
  wrap: "run",
});

export const tfjsVersionDiffers = diagnostic<{
  engine: string;
  package: string;
  found: string;
  wanted: string;
}>({
  code: "MTL8309",
  name: "tfjs-version-differs",
  severity: "error",
  message: ({ engine, package: name, found, wanted }) =>
    `the engine ${engine} needs ${name} ${wanted}; version ${found} is installed`,
  why: "Which functions of TensorFlow.js compute what they promise differs from version to version, so the engines are tested with one of them.",
  bad: "npm install @tensorflow/tfjs@4.10.0",
  good: "npm install @tensorflow/tfjs@4.22.0",
  wrap: "run",
});
