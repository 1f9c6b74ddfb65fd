import { DiagnosticError, report } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import { checksumOf, type Digest } from "./checksum.ts";

/**
 * The safetensors format: eight bytes of header length, a JSON header with type, shape and place of each tensor, then their
 * bytes. Only F32 is written; files from elsewhere are read with every claim held against the bytes that are there.
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
  /** What its header says, and the bytes behind it. */
  readonly header: Readonly<Record<string, unknown>>;
  readonly data: Uint8Array;
}

/** A header longer than this is no header of ours, whatever it says. */
const LONGEST_HEADER = 100_000_000;
const ALIGNMENT = 8;

/** What is noted in a file beside its tensors. */
export interface Notes {
  readonly [key: string]: string;
}

/** How a file is closed: the hash of its bytes, and whether its notes matter as much as they do. */
export interface Closing {
  readonly digest: Digest;
  readonly notesMatter?: boolean;
}

/** The file as pieces that follow each other: the header, and each tensor's own memory, not copied. It notes its `sha256`. */
export function safetensorsPieces(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Notes,
  { digest, notesMatter = false }: Closing,
): Uint8Array[] {
  const pieces = [...tensors.values()].map(({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const entries: [string, unknown][] = [];
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    entries.push([name, { dtype: "F32", shape, data_offsets: [offset, offset + data.byteLength] }]);
    offset += data.byteLength;
  }
  const headed = (notes: Notes): Record<string, unknown> =>
    Object.fromEntries([["__metadata__", notes] as const, ...entries]);
  const notes = { ...metadata, sha256: digest(pieces) };
  const header = headed(notesMatter ? { ...notes, checksum: checksumOf(headed(notes), digest) } : notes);
  const text = Buffer.from(JSON.stringify(header));
  const length = Math.ceil(text.length / ALIGNMENT) * ALIGNMENT;
  const head = Buffer.alloc(8 + length, 0x20);
  head.writeBigUInt64LE(BigInt(length), 0);
  head.set(text, 8);
  return [head, ...pieces];
}

export function writeSafetensors(tensors: ReadonlyMap<string, Tensor>, metadata: Notes, closing: Closing): Uint8Array {
  return Buffer.concat(safetensorsPieces(tensors, metadata, closing));
}

/** Throws a DiagnosticError that names the file where anything in it is not as the format says. */
export function readSafetensors(bytes: Uint8Array, file: string): SafetensorsFile {
  const broken = (problem: string): DiagnosticError =>
    new DiagnosticError([report(runs.brokenFile, { file, problem })]);
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 8) throw broken("it is shorter than the eight bytes that begin it");
  const claimed = new DataView(view.buffer, view.byteOffset).getBigUint64(0, true);
  if (claimed > BigInt(Math.min(LONGEST_HEADER, view.length - 8))) {
    throw broken(`it claims a header of ${claimed} bytes, and ${view.length - 8} follow`);
  }
  const start = 8 + Number(claimed);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(view.subarray(8, start)));
  } catch {
    throw broken("its header is no JSON");
  }
  if (!isRecord(header)) throw broken("its header is no JSON object");
  const tensors = new Map<string, Tensor>();
  const metadata: Record<string, string> = {};
  const taken: { readonly from: number; readonly to: number; readonly name: string }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (!isRecord(entry)) throw broken(`its entry \`${name}\` is no JSON object`);
    if (name === "__metadata__") {
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== "string") throw broken(`its note \`${key}\` is no text`);
        metadata[key] = value;
      }
      continue;
    }
    const { dtype, shape, data_offsets: offsets } = entry;
    if (typeof dtype !== "string") throw broken(`tensor \`${name}\` has no type`);
    if (dtype !== "F32") throw broken(`tensor \`${name}\` has the type ${dtype}; only F32 is used here`);
    if (!isSizes(shape)) throw broken(`tensor \`${name}\` has no shape of whole numbers`);
    if (!isSizes(offsets) || offsets.length !== 2) throw broken(`tensor \`${name}\` has no place`);
    const [from, to] = offsets;
    const count = shape.reduce((product, size) => product * size, 1);
    if (from > to || start + to > view.length) {
      throw broken(`tensor \`${name}\` claims bytes ${from} to ${to}, and ${view.length - start} are there`);
    }
    if (count * 4 !== to - from) {
      throw broken(
        `tensor \`${name}\` of shape [${shape.join(", ")}] needs ${count * 4} bytes and claims ${to - from}`,
      );
    }
    taken.push({ from, to, name });
    tensors.set(name, { shape, data: floatsAt(view, start + from, count) });
  }
  taken.sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { from, to, name } of taken) {
    if (from !== end) throw broken(`the bytes of tensor \`${name}\` do not begin where those before it end`);
    end = to;
  }
  if (start + end !== view.length) throw broken(`${view.length - start - end} bytes belong to no tensor`);
  return { tensors, metadata, header, data: view.subarray(start) };
}

/** A view where the place in memory is a multiple of four, else a copy. */
function floatsAt(view: Uint8Array, from: number, count: number): Float32Array {
  const place = view.byteOffset + from;
  if (place % 4 === 0) return new Float32Array(view.buffer, place, count);
  return new Float32Array(Uint8Array.from(view.subarray(from, from + 4 * count)).buffer);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return (
    Array.isArray(value) && value.every((size) => typeof size === "number" && Number.isSafeInteger(size) && size >= 0)
  );
}
