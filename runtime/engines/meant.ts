import { suggest } from "../../compiler/check/names/suggest.ts";

/** What was meant by an engine or a device that there is none of. */

type Devices = Readonly<Record<string, readonly string[]>>;

/** What engines are called elsewhere. */
export const ENGINE_ALIASES: ReadonlyMap<string, string> = new Map([
  ["onnxruntime", "onnx"],
  ["ort", "onnx"],
  ["tensorflow", "tfjs-node"],
  ["tf", "tfjs"],
  ["tensorflow.js", "tfjs"],
]);

const DEVICE_ALIASES: ReadonlyMap<string, string> = new Map([
  ["gpu", "cuda"],
  ["nvidia", "cuda"],
  ["cuda:0", "cuda"],
  ["0", "cuda"],
  ["metal", "webgpu"],
  ["mps", "webgpu"],
  ["vulkan", "webgpu"],
  ["processor", "cpu"],
]);

/** The one of these devices that a word means. */
export function deviceMeant(word: string, devices: readonly string[]): string | undefined {
  const written = word.toLowerCase();
  const known = DEVICE_ALIASES.get(written) ?? written;
  if (DEVICE_ALIASES.has(written) || devices.includes(known)) return devices.find((each) => each === known);
  return suggest(word, devices);
}

/** The remedy for an engine that there is none of: it is a device of one, or has another name here. */
export function engineMeant(engine: string, engines: Devices): string | undefined {
  const device = deviceMeant(engine, [...new Set(Object.values(engines).flat())]);
  if (device !== undefined) return `\`${engine}\` is a device: \`--device ${device}\``;
  const near = suggest(engine, Object.keys(engines), ENGINE_ALIASES);
  return near === undefined ? undefined : `did you mean \`--engine ${near}\`?`;
}

/** The remedy for a device that an engine does not have. */
export function remedyFor(engine: string, device: string, engines: Devices): string | undefined {
  const near = deviceMeant(device, engines[engine]);
  if (near !== undefined) return `did you mean \`--device ${near}\`?`;
  const other = Object.keys(engines).find((name) => deviceMeant(device, engines[name]) !== undefined);
  return other === undefined ? undefined : `\`--engine ${other}\` has it`;
}
