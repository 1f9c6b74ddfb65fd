import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { isCode } from "../../runtime/error-codes.ts";
import { ENGINES } from "../../runtime/engines/index.ts";
import { deviceMeant, ENGINE_ALIASES } from "../../runtime/engines/meant.ts";
import { foundInWorkingFolder } from "../../runtime/engines/tfjs/packages.ts";
import { tryEngine } from "../project/trial.ts";
import { counted } from "../render/numbers.ts";
import { wrap } from "../../compiler/prose/wrap.ts";
import { out } from "../render/output.ts";
import { screenOf, type Screen } from "../render/screen.ts";
import { jsonText, shown } from "../render/shown.ts";
import { table } from "../render/table.ts";
import { version } from "../version.ts";
import { exitCodes, formatOption, UsageError, type Command } from "./command.ts";

const OLDEST_NODE = 20;

/** A module whose one function makes a vector of four numbers: valid where WebAssembly has vectors. */
const vectorModule = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x11, 0x0b],
]);

/** Times are in milliseconds; what an engine could not tell is null. */
interface EngineReport {
  readonly name: string;
  readonly device: string;
  readonly works: boolean;
  readonly threads: number | null;
  readonly version: string | null;
  readonly firstStep: number | null;
  readonly laterStep: number | null;
  /** Why it does not work. */
  readonly reason: string | null;
}

interface Report {
  readonly schema: 1;
  readonly mtlc: string;
  readonly node: { readonly version: string; readonly sufficient: boolean };
  readonly platform: string;
  readonly processors: number;
  readonly webassembly: { readonly vectors: boolean };
  /** In bytes. */
  readonly memory: { readonly total: number; readonly free: number };
  readonly engines: readonly EngineReport[];
}

export const doctor: Command = {
  usage: "[options]",
  doc: "Tries what works on this machine: trains a small model for some steps on each engine, and says what is missing where that fails.",
  options: {
    engine: {
      type: "string",
      value: "NAME",
      words: Object.keys(ENGINES),
      aliases: ENGINE_ALIASES,
      doc: "Tries this engine alone.",
    },
    device: {
      type: "string",
      value: "NAME",
      doc: "Tries this device alone. With an engine it is tried in this process: what drivers and libraries print is shown.",
    },
    format: formatOption("text", "json"),
  },
  operands: [],
  async run(args) {
    const pairs = chosen(args.text("engine"), args.text("device"));
    const isAlone = args.text("engine") !== undefined && args.text("device") !== undefined;
    const report = await examine(pairs, {
      script: isAlone ? null : commandScript(),
      isAsked: args.text("engine") !== undefined,
    });
    if (args.text("format") === "json") out.data(`${jsonText(report, 2)}\n`);
    else out.put(reportText(report, screenOf(process.stdout)));
    const needed = pairs.some(isDefault) ? report.engines.filter(isDefault) : report.engines;
    return needed.some(({ works }) => works) ? exitCodes.fine : exitCodes.mistakes;
  },
};

interface Pair {
  readonly name: string;
  readonly device: string;
}

/** Every engine with each of its devices, or those that are asked for. */
function chosen(engine: string | undefined, device: string | undefined): readonly Pair[] {
  const all = Object.entries(ENGINES).flatMap(([name, devices]) =>
    devices.map((each): Pair => ({ name, device: each })),
  );
  const found = all.filter((pair) => (engine ?? pair.name) === pair.name && (device ?? pair.device) === pair.device);
  // The package for CUDA on the processor is `tfjs-node` once more.
  const wanted =
    engine === undefined ? found.filter((pair) => pair.name !== "tfjs-node-gpu" || pair.device !== "cpu") : found;
  if (wanted.length > 0) return wanted;
  const known = [...new Set(all.flatMap((pair) => ((engine ?? pair.name) === pair.name ? pair.device : [])))];
  const near = deviceMeant(String(device), known);
  const help = near === undefined ? "" : `; did you mean \`${near}\`?`;
  throw new UsageError(`\`--device ${device}\`: ${engine ?? "an engine"} has ${known.join(", ")}${help}`);
}

/** How engines are tried. */
interface Trying {
  /** The command for a process of their own; null for this one. */
  readonly script: string | null;
  /** Whether the engine was named: then its packages may come from the working folder. */
  readonly isAsked: boolean;
}

async function examine(pairs: readonly Pair[], trying: Trying): Promise<Report> {
  const node = process.versions.node;
  return {
    schema: 1,
    mtlc: version,
    node: { version: node, sufficient: Number(node.split(".")[0]) >= OLDEST_NODE },
    platform: `${process.platform} ${process.arch}`,
    processors: availableParallelism(),
    webassembly: { vectors: WebAssembly.validate(vectorModule) },
    memory: { total: totalmem(), free: freemem() },
    engines: await tryAll(pairs, trying),
  };
}

/** One after another: two engines at once would slow each other down. */
async function tryAll(pairs: readonly Pair[], { script, isAsked }: Trying): Promise<readonly EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const { name, device } of pairs) {
    const foreign = isAsked ? null : foundInWorkingFolder(name, device);
    if (foreign !== null) reports.push(failed(name, device, notLoaded(name, foreign)));
    else reports.push(script === null ? await tried(name, device) : triedApart(script, name, device));
  }
  return reports;
}

/** Loading a package runs it, and that of a folder that one happens to stand in may be anybody's. */
function notLoaded(engine: string, name: string): string {
  return `the package ${name} of the current folder was not loaded (\`mtlc doctor --engine ${engine}\` tries it)`;
}

/** The script that is this command, where it is built. */
function commandScript(): string | null {
  const path = fileURLToPath(new URL("../mtlc.cjs", import.meta.url));
  return existsSync(path) ? path : null;
}

const PATIENCE = 120_000;

/** In a process of its own: a driver may print what it likes there, and end it. */
function triedApart(script: string, name: string, device: string): EngineReport {
  const words = [...process.execArgv, script, "doctor", "--engine", name, "--device", device, "--format", "json"];
  const { stdout, status, signal, error } = spawnSync(process.execPath, words, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: PATIENCE,
  });
  const found = reportIn(stdout);
  if (found !== null) return found;
  const isLate = isCode(error, "ETIMEDOUT");
  return failed(
    name,
    device,
    isLate
      ? "it did not answer within two minutes"
      : `the process that tried it ended with ${signal ?? `code ${status}`}`,
  );
}

/** The one engine of a report; null where the text is none. */
function reportIn(text: string): EngineReport | null {
  try {
    const report: unknown = JSON.parse(text);
    const engines = typeof report === "object" && report !== null && "engines" in report ? report.engines : null;
    const engine: unknown = Array.isArray(engines) ? engines[0] : null;
    return isEngineReport(engine) ? engine : null;
  } catch {
    return null;
  }
}

function isEngineReport(value: unknown): value is EngineReport {
  return typeof value === "object" && value !== null && ["name", "works", "laterStep"].every((key) => key in value);
}

async function tried(name: string, device: string): Promise<EngineReport> {
  try {
    const { engine, firstStep, laterStep } = await tryEngine({ engine: name, device });
    const { threads, version: engineVersion } = engine;
    const times = { firstStep: rounded(firstStep), laterStep: rounded(laterStep) };
    return { name, device, works: true, threads, version: engineVersion, ...times, reason: null };
  } catch (error) {
    return failed(name, device, reasonOf(error));
  }
}

function failed(name: string, device: string, reason: string): EngineReport {
  return { name, device, works: false, threads: null, version: null, firstStep: null, laterStep: null, reason };
}

/** To the microsecond. */
function rounded(time: number): number {
  return Math.round(1000 * time) / 1000;
}

function reasonOf(error: unknown): string {
  if (error instanceof DiagnosticError) {
    return error.diagnostics.map(({ message, help }) => (help ? `${message} (${help})` : message)).join("; ");
  }
  return error instanceof Error ? error.message : String(error);
}

function reportText(
  { mtlc, node, platform, processors, webassembly, memory, engines }: Report,
  screen: Screen,
): string {
  const { columns, paint } = screen;
  const facts = table(
    [
      ["mtlc", mtlc],
      ["node", `${node.version} on ${platform}${node.sufficient ? "" : `: mtlc needs ${OLDEST_NODE} or newer`}`],
      ["processors", `${processors}, WebAssembly ${webassembly.vectors ? "with" : "without"} vectors`],
      ["memory", `${gigabytes(memory.total)}, ${gigabytes(memory.free)} of it free`],
    ],
    columns,
  );
  const width = Math.max(...engines.map(({ name, device }) => `${name} on ${device}`.length));
  const lines = engines.map(({ name, device, works, reason, ...told }) => {
    const left = `${name} on ${device}`.padEnd(width);
    const fitted = (text: string): string => wrap(`${left}   ${shown(text)}`, columns, width + 3).slice(left.length);
    if (!works) {
      const isMissed = isDefault({ name, device });
      const text = fitted(isMissed ? `does not work: ${reason}` : String(reason));
      return `${left}${isMissed ? paint.red(text) : paint.dim(text)}\n`;
    }
    const where = `${told.version}, ${counted(told.threads ?? 1, "thread")}`;
    const times = `first step after ${milliseconds(told.firstStep)}, then ${milliseconds(told.laterStep)} a step`;
    return `${left}${fitted(`works: ${where}; ${times}`).replace("works", paint.green("works"))}\n`;
  });
  return `${facts}\n${lines.join("")}`;
}

/** What is taken where nothing is asked for, and comes with the program. */
function isDefault({ name, device }: Pair): boolean {
  return name === "onnx" && device === "cpu";
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}

function milliseconds(time: number | null): string {
  if (time === null) return "–";
  return `${time < 10 ? time.toFixed(2) : Math.round(time)} ms`;
}
