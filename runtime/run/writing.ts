import { dirname, join } from "node:path";
import type { NamedTensor, Snapshot } from "../train/snapshot.ts";
import { cannotWrite, makeFolders, writeWhole } from "./atomic.ts";
import { checksumOfText, sealed } from "./checksum.ts";
import { digest } from "./digest.ts";
import { importPlaces } from "./import-places.ts";
import { files } from "./names.ts";
import type { RunInfo } from "./recorded.ts";
import { safetensorsPieces } from "./safetensors.ts";

/** The texts of a run: where its imports lie, by the path that they were imported under, and a checksum of each by its place. */
export type RunTexts = Required<Pick<RunInfo, "imports" | "texts">>;

/** The model's text and those of its imports, laid out as they lay to each other. */
export function writeSources(folder: string, main: string, imports: ReadonlyMap<string, string>): RunTexts {
  const places = importPlaces(imports.keys());
  const placed = new Map(
    [...places].map(([path, inside]) => [path, { inside, text: imports.get(path) ?? "" }] as const),
  );
  for (const { inside, text } of [{ inside: files.model, text: main }, ...placed.values()]) {
    try {
      makeFolders(dirname(join(folder, inside)));
    } catch (error) {
      throw cannotWrite(join(folder, inside), error);
    }
    writeWhole(join(folder, inside), text);
  }
  return {
    imports: Object.fromEntries([...placed].map(([path, { inside }]) => [path, inside])),
    texts: textChecksums(main, placed.values()),
  };
}

/** A checksum of each text, by its place in the run folder. */
export function textChecksums(
  main: string,
  imports: Iterable<{ readonly inside: string; readonly text: string }>,
): Record<string, string> {
  const texts = [{ inside: files.model, text: main }, ...imports];
  return Object.fromEntries(texts.map(({ inside, text }) => [inside, checksumOfText(text, digest)]));
}

/** Writes what is JSON, with the run that it is of and its own checksum, which is returned. */
export function writeJson(folder: string, file: string, value: object, run: string): string {
  const whole = sealed(value, run, digest);
  writeWhole(join(folder, file), `${JSON.stringify(whole, null, 1)}\n`);
  return whole.checksum;
}

/** What files of tensors note of the run that they are of. */
export interface RunMarks {
  readonly run: string;
  /** The checksum of its codes. */
  readonly codes: string;
}

export function writeWeights(
  folder: string,
  tensors: ReadonlyMap<string, NamedTensor>,
  notes: RunMarks & { readonly model: string },
): void {
  writeWhole(join(folder, files.weights), safetensorsPieces(tensors, { format: "mtlc", ...notes }, { digest }));
}

/** Where training stood is a note of the file, so that its notes are as dear as its numbers. */
export function writeState(folder: string, { tensors, cursor }: Snapshot, { run, codes }: RunMarks): void {
  const notes = { cursor: JSON.stringify(cursor), run, codes };
  writeWhole(join(folder, files.state), safetensorsPieces(tensors, notes, { digest, notesMatter: true }));
}
