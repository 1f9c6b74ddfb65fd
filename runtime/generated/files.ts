import type { Codes } from "../data/data.ts";
import { sealed } from "../run/checksum.ts";
import { makeFolder } from "../run/make-folder.ts";
import { isCodes } from "../run/recorded.ts";
import { readSafetensors, writeSafetensors } from "../run/safetensors.ts";
import { Seals } from "../run/seals.ts";
import { sha256 } from "../run/sha256.ts";
import { specialOf } from "../special-file.ts";
import { infoOf, variablesOf } from "./network.ts";
import { warnOnConsole } from "./warnings.ts";

/** A network in a folder, as `mtlc train` leaves it: `model.safetensors` and `codes.json`. */
interface NetworkLike {
  readonly weights: object;
  readonly codes: Codes;
}

/** Writes weights and codes; the folder is made where it is not there. */
export async function saveNetwork(folder: string, { weights, codes }: NetworkLike): Promise<void> {
  const { mkdirSync, statSync } = await import("node:fs");
  const { rename, writeFile } = await import("node:fs/promises");
  const { dirname } = await import("node:path");
  const tensors = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const variable of variablesOf(weights))
    tensors.set(infoOf(variable).name, { shape: variable.shape, data: Float32Array.from(await variable.data()) });
  makeFolder(folder, { mkdirSync, statSync, dirname });
  const whole = sealed(codes, undefined, sha256);
  const notes = { format: "mtlc", codes: whole.checksum };
  const files: Readonly<Record<string, string | Uint8Array>> = {
    "model.safetensors": writeSafetensors(tensors, notes, { digest: sha256 }),
    "codes.json": `${JSON.stringify(whole, null, 1)}\n`,
  };
  // Under another name first: a crash leaves no half of a file where a whole one was.
  for (const [name, content] of Object.entries(files)) {
    await writeFile(`${folder}/${name}.tmp`, content);
    await rename(`${folder}/${name}.tmp`, `${folder}/${name}`);
  }
}

/** Reads what `saveNetwork` or a run of `mtlc train` left in a folder. Throws where it is not what was written. */
export async function readNetwork(
  folder: string,
): Promise<{ readonly codes: Codes; readonly values: ReadonlyMap<string, Float32Array> }> {
  const { readFile, stat } = await import("node:fs/promises");
  const found = await stat(folder).catch(() => undefined);
  const lacks = (problem: string): Error => {
    const writers = "`save`, or a run of `mtlc train`, leaves codes.json and model.safetensors in a folder";
    return new Error(`\`${folder}\` holds no network: ${problem}; ${writers}`);
  };
  if (!found) throw lacks("it is not there");
  if (!found.isDirectory()) throw lacks("it is a file");
  const read = async (name: string): Promise<Uint8Array> => {
    const there = await stat(`${folder}/${name}`).catch(() => undefined);
    if (!there) throw lacks(`it has no ${name}`);
    const special = specialOf(there);
    if (special !== null) throw lacks(`its ${name} is ${special}`);
    return readFile(`${folder}/${name}`);
  };
  const [codesFile, weightsFile] = ["codes.json", "model.safetensors"].map((name) => `${folder}/${name}`);
  const seals = new Seals(sha256);
  const given = parsed(new TextDecoder().decode(await read("codes.json")));
  const codes = isObject(given) ? seals.coding(codesFile, given) : given;
  if (!isCodes(codes)) throw new Error(`${codesFile} does not hold what a network has learnt`);
  const values = valuesIn(await read("model.safetensors"), weightsFile, seals);
  tellUnsealed(seals);
  return { codes, values };
}

function valuesIn(bytes: Uint8Array, file: string, seals: Seals): ReadonlyMap<string, Float32Array> {
  const read = readSafetensors(bytes, file);
  seals.tensors(file, read);
  return new Map([...read.tensors].map(([name, { data }]) => [name, data]));
}

function tellUnsealed(seals: Seals): void {
  seals.warnings.forEach(warnOnConsole);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The weights of a trained network by name, from a file in the format of `model.safetensors` that belongs to these codes. */
export async function readWeights(from: URL, codes?: Codes): Promise<ReadonlyMap<string, Float32Array>> {
  const seals = new Seals(sha256);
  if (codes) seals.coding("trainedCodes", { ...sealed(codes, undefined, sha256) });
  const values = valuesIn(await bytesOf(from), from.href, seals);
  tellUnsealed(seals);
  return values;
}

async function bytesOf(from: URL): Promise<Uint8Array> {
  if (from.protocol === "file:") {
    const { readFile, stat } = await import("node:fs/promises");
    const special = specialOf(await stat(from));
    if (special !== null) throw new Error(`${from.href} cannot be read: it is ${special}`);
    return readFile(from);
  }
  const response = await fetch(from);
  if (!response.ok) throw new Error(`${from.href} cannot be read: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** Numbers in 32 bits that stand in source as base64, one after another: by name. */
export function unpackWeights(
  names: readonly (readonly [name: string, count: number])[],
  base64: string,
): ReadonlyMap<string, Float32Array> {
  const text = atob(base64);
  const bytes = Uint8Array.from({ length: text.length }, (_, k) => text.charCodeAt(k));
  const view = new DataView(bytes.buffer);
  let offset = 0;
  return new Map(
    names.map(([name, count]) => {
      const values = Float32Array.from({ length: count }, (_, k) => view.getFloat32(offset + 4 * k, true));
      offset += 4 * count;
      return [name, values];
    }),
  );
}
