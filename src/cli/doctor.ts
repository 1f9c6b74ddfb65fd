import { availableParallelism, freemem, totalmem } from "node:os";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { NOT_BUILT } from "../../runtime/engines/index.ts";
import { tryEngine } from "../project/trial.ts";
import { paintFor } from "../render/colour.ts";
import { counted } from "../render/numbers.ts";
import { table } from "../render/table.ts";
import { version } from "../version.ts";
import { exitCodes, formatOption, type Command } from "./command.ts";

const DEFAULT_ENGINE = "onnx";
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
  readonly works: boolean;
  readonly device: string | null;
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
  options: { format: formatOption("text", "json") },
  operands: { min: 0, max: 0, name: "no operand" },
  async run(args) {
    const report = await examine();
    process.stdout.write(args.text("format") === "json" ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
    const works = report.engines.some(({ name, works }) => name === DEFAULT_ENGINE && works);
    return works ? exitCodes.fine : exitCodes.mistakes;
  },
};

async function examine(): Promise<Report> {
  const node = process.versions.node;
  return {
    schema: 1,
    mtlc: version,
    node: { version: node, sufficient: Number(node.split(".")[0]) >= OLDEST_NODE },
    platform: `${process.platform} ${process.arch}`,
    processors: availableParallelism(),
    webassembly: { vectors: WebAssembly.validate(vectorModule) },
    memory: { total: totalmem(), free: freemem() },
    engines: [await tried(DEFAULT_ENGINE), ...NOT_BUILT.map(notBuilt)],
  };
}

const untold = { device: null, threads: null, version: null, firstStep: null, laterStep: null };

async function tried(name: string): Promise<EngineReport> {
  try {
    const { engine, firstStep, laterStep } = await tryEngine(name);
    const { device, threads, version: engineVersion } = engine;
    return {
      name,
      works: true,
      device,
      threads,
      version: engineVersion,
      firstStep: rounded(firstStep),
      laterStep: rounded(laterStep),
      reason: null,
    };
  } catch (error) {
    return { name, works: false, ...untold, reason: reasonOf(error) };
  }
}

/** To the microsecond. */
function rounded(time: number): number {
  return Math.round(1000 * time) / 1000;
}

function notBuilt(name: string): EngineReport {
  return { name, works: false, ...untold, reason: "not built in this version" };
}

function reasonOf(error: unknown): string {
  if (error instanceof DiagnosticError) {
    return error.diagnostics.map(({ message, help }) => (help ? `${message} (${help})` : message)).join("; ");
  }
  return error instanceof Error ? error.message : String(error);
}

function reportText({ mtlc, node, platform, processors, webassembly, memory, engines }: Report): string {
  const { green, red, dim } = paintFor(process.stdout);
  const facts = table([
    ["mtlc", mtlc],
    ["node", `${node.version} on ${platform}${node.sufficient ? "" : `: mtlc needs ${OLDEST_NODE} or newer`}`],
    ["processors", `${processors}, WebAssembly ${webassembly.vectors ? "with" : "without"} vectors`],
    ["memory", `${gigabytes(memory.total)}, ${gigabytes(memory.free)} of it free`],
  ]);
  const width = Math.max(...engines.map(({ name }) => name.length));
  const lines = engines.map(({ name, works, reason, ...told }) => {
    const left = name.padEnd(width);
    if (!works) return `${left}   ${name === DEFAULT_ENGINE ? red(`does not work: ${reason}`) : dim(String(reason))}\n`;
    const where = `${told.version} on ${told.device}, ${counted(told.threads ?? 1, "thread")}`;
    return `${left}   ${green("works")}: ${where}; first step after ${milliseconds(told.firstStep)}, then ${milliseconds(told.laterStep)} a step\n`;
  });
  return `${facts}\n${lines.join("")}`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}

function milliseconds(time: number | null): string {
  if (time === null) return "–";
  return `${time < 10 ? time.toFixed(2) : Math.round(time)} ms`;
}
