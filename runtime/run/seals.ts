import { DiagnosticError, report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { runs } from "../../compiler/diagnostics/runs.ts";
import { checksumOf, checksumOfText, type Digest } from "./checksum.ts";
import type { SafetensorsFile } from "./safetensors.ts";

type Said = Readonly<Record<string, unknown>>;

/**
 * What the files of a run say of themselves, held against what they are. A file of tensors notes `sha256`, of the bytes of its
 * tensors, `run`, the id of the run that it is of, `codes`, the checksum of the codes that its numbers belong to, and, where
 * its notes matter, `checksum`, of its header without that. A JSON file holds `run`, and `checksum` of all but these two. What
 * is there and wrong is refused; what is not there is remembered, for a warning: older versions and other programs write none.
 */
export class Seals {
  private readonly digest: Digest;
  private readonly unsealed = new Set<string>();
  private run: { readonly id: string; readonly file: string } | undefined;
  private codes: { readonly checksum: string; readonly file: string } | undefined;
  private texts: { readonly checksums: Said; readonly file: string } | undefined;

  constructor(digest: Digest) {
    this.digest = digest;
  }

  /** The run's id, where a file said it. */
  get id(): string | null {
    return this.run?.id ?? null;
  }

  /** The checksum of the codes, where their file holds it. */
  get codesChecksum(): string | null {
    return this.codes && !this.unsealed.has(this.codes.file) ? this.codes.checksum : null;
  }

  /** What the run's description says but for its seal. It holds the checksums of texts that are read later. */
  describing(file: string, value: Said): Said {
    const { rest } = this.json(file, value);
    // Who takes `checksum` out of it wants the model as it is now.
    if (!this.unsealed.has(file) && isObject(rest.texts)) this.texts = { checksums: rest.texts, file };
    return rest;
  }

  /** What the run's codes say but for their seal. Files of tensors that are read later must belong to them. */
  coding(file: string, value: Said): Said {
    const { rest, checksum } = this.json(file, value);
    this.codes = { checksum, file };
    return rest;
  }

  /** A text of the model, by its place in the run folder. */
  text(file: string, place: string, text: string): void {
    const known = this.texts?.checksums[place];
    if (!this.texts || known === undefined || known === checksumOfText(text, this.digest)) return;
    const info = this.texts.file;
    const help = `bring back the file as it was written; a changed model is trained anew. To use it as it is now, delete \`checksum\` in \`${info}\`: it is read with a warning then`;
    throw changed(file, `\`${info}\` holds another checksum of it`, help);
  }

  tensors(file: string, { metadata, header, data }: SafetensorsFile): void {
    const { checksum, ...notes } = metadata;
    if (notes.sha256 === undefined) this.unsealed.add(file);
    else if (notes.sha256 !== this.digest([data]))
      throw changed(file, "its `sha256` is not that of its data", UNSEALED);
    if (checksum !== undefined && checksum !== checksumOf({ ...header, __metadata__: notes }, this.digest))
      throw changed(file, "its `checksum` is not that of its header", WRITTEN);
    this.ofRun(file, notes.run);
    if (notes.codes === undefined || !this.codes) return;
    if (notes.codes !== this.codes.checksum) throw ofTwoRuns(file, this.codes.file, true);
    this.unsealed.delete(this.codes.file);
  }

  /** One warning for all files without a checksum among those that were read. */
  get warnings(): readonly Diagnostic[] {
    return this.unsealed.size === 0 ? [] : [report(runs.noChecksum, { files: [...this.unsealed] })];
  }

  private json(file: string, value: Said): { readonly rest: Said; readonly checksum: string } {
    const { checksum: written, run, ...rest } = value;
    const checksum = checksumOf(rest, this.digest);
    if (written === undefined) this.unsealed.add(file);
    else if (written !== checksum) throw changed(file, "its `checksum` is not that of what it says", WRITTEN);
    this.ofRun(file, run);
    return { rest, checksum };
  }

  private ofRun(file: string, id: unknown): void {
    if (id === undefined) return;
    if (typeof id !== "string" || (this.run && this.run.id !== id))
      throw ofTwoRuns(file, this.run?.file ?? file, false);
    this.run ??= { id, file };
  }
}

const WRITTEN = "bring back the file as it was written, or train again";
const UNSEALED = `${WRITTEN}; weights that another program changed are read, with a warning, where it notes no \`sha256\``;
const TOGETHER = "bring back the files that were written together, or train again";

function changed(file: string, problem: string, help: string): DiagnosticError {
  return new DiagnosticError([report(runs.changedFile, { file, problem }, { help })]);
}

function ofTwoRuns(file: string, other: string, codes: boolean): DiagnosticError {
  return new DiagnosticError([report(runs.otherRun, { file, other, codes }, { help: TOGETHER })]);
}

function isObject(value: unknown): value is Said {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
