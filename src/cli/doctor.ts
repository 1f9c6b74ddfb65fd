import { availableParallelism, freemem, totalmem } from "node:os";
import { DiagnosticError } from "../../compiler/diagnostics/diagnostic.ts";
import { ENGINES } from "../../runtime/engines/index.ts";
import { tryEngine } from "../project/trial.ts";
import { paintFor } from "../render/colour.ts";
import { counted } from "../render/numbers.ts";
import { table } from "../render/table.ts";
import { version } from "../version.ts";
import { exitCodes, formatOption, type Command } from "./command.ts";

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
  options: { format: formatOption("text", "json") },
  operands: { min: 0, max: 0, name: "no operand" },
  async run(args) {
    const report = await examine();
    process.stdout.write(args.text("format") === "json" ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
    const works = report.engines.some((engine) => isDefault(engine) && engine.works);
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
    engines: await tryAll(),
  };
}

/** One after another: two engines at once would slow each other down. */
async function tryAll(): Promise<readonly EngineReport[]> {
  const reports: EngineReport[] = [];
  for (const [name, devices] of Object.entries(ENGINES)) {
    for (const device of devices) {
      // The package for CUDA on the processor is `tfjs-node` once more.
      if (name === "tfjs-node-gpu" && device === "cpu") continue;
      reports.push(await tried(name, device));
    }
  }
  return reports;
}

async function tried(name: string, device: string): Promise<EngineReport> {
  try {
    const { engine, firstStep, laterStep } = await tryEngine({ engine: name, device });
    const { threads, version: engineVersion } = engine;
    const times = { firstStep: rounded(firstStep), laterStep: rounded(laterStep) };
    return { name, device, works: true, threads, version: engineVersion, ...times, reason: null };
  } catch (error) {
    const untold = { threads: null, version: null, firstStep: null, laterStep: null };
    return { name, device, works: false, ...untold, reason: reasonOf(error) };
  }
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

function reportText({ mtlc, node, platform, processors, webassembly, memory, engines }: Report): string {
  const { green, red, dim } = paintFor(process.stdout);
  const facts = table([
    ["mtlc", mtlc],
    ["node", `${node.version} on ${platform}${node.sufficient ? "" : `: mtlc needs ${OLDEST_NODE} or newer`}`],
    ["processors", `${processors}, WebAssembly ${webassembly.vectors ? "with" : "without"} vectors`],
    ["memory", `${gigabytes(memory.total)}, ${gigabytes(memory.free)} of it free`],
  ]);
  const width = Math.max(...engines.map(({ name, device }) => `${name} on ${device}`.length));
  const lines = engines.map(({ name, device, works, reason, ...told }) => {
    const left = `${name} on ${device}`.padEnd(width);
    if (!works)
      return `${left}   ${isDefault({ name, device }) ? red(`does not work: ${reason}`) : dim(String(reason))}\n`;
    const where = `${told.version}, ${counted(told.threads ?? 1, "thread")}`;
    return `${left}   ${green("works")}: ${where}; first step after ${milliseconds(told.firstStep)}, then ${milliseconds(told.laterStep)} a step\n`;
  });
  return `${facts}\n${lines.join("")}`;
}

/** What is taken where nothing is asked for, and comes with the program. */
function isDefault({ name, device }: { readonly name: string; readonly device: string }): boolean {
  return name === "onnx" && device === "cpu";
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`;
}

function milliseconds(time: number | null): string {
  if (time === null) return "–";
  return `${time < 10 ? time.toFixed(2) : Math.round(time)} ms`;
}
