import { createHash } from "node:crypto";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { unbuiltWords } from "../../compiler/unbuilt.ts";
import { compilation as rows } from "../../compiler/diagnostics/compilation.ts";
import { DiagnosticError, report, type Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import {
  emitTypeScript,
  Unsupported,
  type ModuleDescription,
  type TrainedNetwork,
  type TrainedWeights,
} from "../../compiler/emit/typescript/index.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { printModel } from "../../compiler/ir/print.ts";
import { modelParameters } from "../../compiler/ir/parameters.ts";
import { registry } from "../../compiler/registry/index.ts";
import { checksumOf } from "../../runtime/run/checksum.ts";
import { digest } from "../../runtime/run/digest.ts";
import { files } from "../../runtime/run/names.ts";
import { writeSafetensors, type Tensor } from "../../runtime/run/safetensors.ts";
import { linesOf } from "../render/positions.ts";
import { formatSource } from "../typescript/format.ts";
import { javascriptOf } from "../typescript/javascript.ts";
import { placesOf, type Origins } from "../typescript/places.ts";
import { apart, printModule } from "../typescript/print.ts";
import { runtimeSource } from "../typescript/runtime-source.ts";
import { sourceMap } from "../typescript/source-map.ts";
import { standalone as withRuntime } from "../typescript/standalone.ts";
import { loadMorph, type Morph } from "../typescript/ts-morph.ts";
import { version } from "../version.ts";
import { soundModel } from "./sound-model.ts";
import { sourceOfRun } from "./run-source.ts";
import type { ModelSource } from "./sources.ts";
import { readTrained, type TrainedFiles } from "./trained.ts";

/** A model, or what a run has made of it, as a TypeScript module with what belongs to it. */

export interface TypeScriptOptions {
  /** Where the module will be written: data paths and source maps are relative to it. */
  readonly out: string;
  /** Also what `tsc` makes of it. */
  readonly javascript: boolean;
  /** With all that it needs of the runtime in it, so that it imports TensorFlow.js alone. */
  readonly standalone?: boolean;
  /** True where nothing can lie beside it: weights stand in it, however many they are. */
  readonly alone?: boolean;
  /** What the module imports its runtime from. */
  readonly runtime?: string;
  /** Told of files of a run that carry no checksum. */
  readonly onWarning?: (warning: Diagnostic) => void;
}

/** Texts by path, the module first, and the bytes of many weights. */
export type WrittenFiles = ReadonlyMap<string, string | Uint8Array>;

/** More numbers than this lie in a file beside the module: an editor would choke on them. */
const MOST_IN_MODULE = 2 ** 18;

/** The module of a model's file. */
export function exportModel(source: ModelSource, options: TypeScriptOptions): Promise<ReadonlyMap<string, string>> {
  return write(source, (file) => file, null, options);
}

/** The module of a run: with its weights and what it has learnt from data. */
export async function exportRun(folder: string, options: TypeScriptOptions): Promise<WrittenFiles> {
  const trained = readTrained(folder, options.onWarning);
  const source = sourceOfRun(trained.run);
  const model = join(folder, files.model);
  const tensors = tensorsOf(trained);
  const count = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  const file = options.alone || count <= MOST_IN_MODULE ? null : options.out.replace(/\.m?ts$/, ".weights.safetensors");
  const weights: TrainedWeights = file === null ? inModule(tensors) : { place: "file", file: basename(file) };
  const network = networkOf(trained, weights);
  const placed = (each: string): string | null => (each === source.file ? model : null);
  const written = await write({ ...source, name: trained.run.info.file }, placed, network, options);
  if (file === null) return written;
  const all = new Map<string, string | Uint8Array>(written);
  return all.set(
    file,
    writeSafetensors(tensors, { format: "mtlc", codes: checksumOf(trained.codes, digest) }, { digest }),
  );
}

async function write(
  /** `name`: what the module calls the model's file; its path where absent. */
  source: ModelSource & { readonly name?: string },
  /** Where the text of a file lies; null where it is not at hand. */
  placed: (file: string) => string | null,
  trained: TrainedNetwork | null,
  { out, javascript, standalone = false, runtime = "mtlc/runtime" }: TypeScriptOptions,
): Promise<ReadonlyMap<string, string>> {
  const { model, compilation } = soundModel(source);
  const missing = unbuiltWords(model, registry);
  if (missing.length > 0) throw new DiagnosticError(missing);
  const folder = dirname(resolve(out));
  const description = describe(model, {
    version,
    hash: hashOf(model),
    file: basename(source.name ?? source.file),
    runtime,
    standalone,
    relocate: (path) => relocated(path, source.folder, folder),
    trained,
  });
  const morph = await loadMorph();
  const sources = new Map<string, string>();
  for (const [file, { text }] of compilation.trees) {
    const path = placed(file);
    if (path !== null) sources.set(file, text);
  }
  const origins = originsOf(sources, (file) => slashed(relative(folder, resolve(placed(file) ?? file))));
  const module = printModule(morph, description);
  const text = await formatSource(standalone ? withRuntime(morph, module, await runtimeSource(morph)) : module);
  const written = new Map(mapped(morph, out, text, description, origins));
  if (!javascript) return written;
  const script = await formatSource(apart(javascriptOf(morph, text)));
  for (const [path, content] of mapped(morph, scriptPath(out), script, description, origins))
    written.set(path, content);
  return written;
}

function describe(model: Model, options: Parameters<typeof emitTypeScript>[2]): ModuleDescription {
  try {
    return emitTypeScript(model, registry, options);
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    const place = { span: error.span, help: "`mtlc train` runs it as it is; its run becomes a graph by `--to onnx`" };
    throw new DiagnosticError([report(rows.notInTarget, { what: error.message, target: "TypeScript" }, place)]);
  }
}

/** Of what `mtlc ir` prints. It begins with a digit, and is no name. */
function hashOf(model: Model): string {
  return `0x${createHash("sha256").update(printModel(model)).digest("hex").slice(0, 12)}`;
}

/** A path of the model's file, seen from the module's folder; `npm:` paths and whole ones stay as they are. */
function relocated(path: string, from: string, to: string): string {
  return path.startsWith("npm:") || isAbsolute(path) ? path : slashed(relative(to, resolve(from, path)));
}

function slashed(path: string): string {
  return path.replaceAll("\\", "/");
}

/** What `tsc` calls the script that it makes of a module. */
/** JavaScript named so that Node takes it for a module whatever the `package.json` around it says. */
function scriptPath(path: string): string {
  return path.replace(/\.m?ts$/, ".mjs");
}

/** A text and its map, each by its path. */
function* mapped(
  morph: Morph,
  path: string,
  text: string,
  description: ModuleDescription,
  origins: Origins,
): Generator<[string, string]> {
  const file = basename(path);
  yield [path, `${text}//# sourceMappingURL=${file}.map\n`];
  yield [`${path}.map`, sourceMap(file, origins.sources, placesOf(morph, text, description, origins))];
}

function originsOf(texts: ReadonlyMap<string, string>, pathOf: (file: string) => string): Origins {
  const known = [...texts].map(([file, text]) => ({ file, lines: linesOf(text) }));
  return {
    sources: known.map(({ file }) => pathOf(file)),
    place({ file, start }) {
      const source = known.findIndex((each) => each.file === file);
      if (source < 0) return null;
      const { line, column } = known[source].lines.position(start);
      return { source, line: line - 1, column: column - 1 };
    },
  };
}

/** Weights and statistics in the model's order. */
function tensorsOf({ model, weights }: TrainedFiles): ReadonlyMap<string, Tensor> {
  const { parameters, states } = modelParameters(model, registry);
  return new Map(
    [...parameters, ...states].map(({ name }) => {
      const tensor = weights.get(name);
      if (!tensor) throw new Error(`the run holds no ${name}`);
      return [name, tensor] as const;
    }),
  );
}

function inModule(tensors: ReadonlyMap<string, Tensor>): TrainedWeights {
  const all = [...tensors];
  const bytes = Buffer.alloc(4 * all.reduce((sum, [, { data }]) => sum + data.length, 0));
  let at = 0;
  for (const [, { data }] of all) for (const value of data) at = bytes.writeFloatLE(value, at);
  const names = all.map(([name, { data }]) => [name, data.length] as const);
  return { place: "module", names, base64: bytes.toString("base64") };
}

function networkOf({ run, codes }: TrainedFiles, weights: TrainedWeights): TrainedNetwork {
  const categories = Object.entries(codes.inputs).flatMap(([name, input]) =>
    input.categories ? [[name, input.categories] as const] : [],
  );
  const labels = Object.entries(codes.tasks).flatMap(([name, task]) =>
    task.labels ? [[name, task.labels] as const] : [],
  );
  return {
    run: basename(resolve(run.folder)),
    seed: run.info.seed,
    codes,
    known: { categories: Object.fromEntries(categories), labels: Object.fromEntries(labels) },
    weights,
  };
}
