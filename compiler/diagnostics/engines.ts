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
    `parameters and the optimizer's vectors need ${amount(bytes)}; the onnx engine holds at most ${amount(largest)}`,
  why: "The onnx engine keeps all weights and the vectors of the optimizer (adam keeps two for each weight) in one block of memory with 32-bit addresses. Smaller layers or an optimizer with fewer vectors fit.",
  bad: "shared wide = x -> dense(40000) -> relu -> dense(40000) -> relu",
  good: "shared wide = x -> dense(4000) -> relu -> dense(4000) -> relu",
  wrap: "run",
});

export const engineNotBuilt = diagnostic<{ engine: string }>({
  code: "MTL8303",
  name: "engine-not-built",
  severity: "error",
  message: ({ engine }) => `the engine ${engine} is known, but this version cannot run it`,
  why: "`onnx` runs everything that is built. The other engines of the manual come later.",
  bad: "mtlc train model.mtl --engine tfjs",
  good: "mtlc train model.mtl --engine onnx",
  wrap: "run",
});

export const engineUnknown = diagnostic<{ engine: string; known: readonly string[] }>({
  code: "MTL8304",
  name: "engine-unknown",
  severity: "error",
  message: ({ engine, known }) => `there is no engine ${engine}; there are ${known.join(", ")}`,
  why: "An engine is what runs the numbers: `onnx` comes with the program.",
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
  why: "Each engine runs on some devices only.",
  bad: 'train(model, { engine: "onnx", device: "cuda" })',
  good: 'train(model, { engine: "onnx", device: "cpu" })',
  wrap: "run",
});

export const threadsNotCount = diagnostic<{ text: string }>({
  code: "MTL8307",
  name: "threads-not-a-count",
  severity: "error",
  message: ({ text }) => `MTLC_THREADS is "${text}", which is no whole number from 1`,
  why: "The environment variable MTLC_THREADS says how many threads the engine may use.",
  bad: "MTLC_THREADS=many mtlc train model.mtl",
  good: "MTLC_THREADS=4 mtlc train model.mtl",
  wrap: "run",
});
