import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { scripts } from "../runtime/processes.ts";
import { csv, folderOf, numbersFrom } from "../runtime/small-training.ts";
import { mtlc, sound } from "../slow/command.ts";

/** With `--format json` every command prints one object, whatever happens, and nothing else on standard output. */

const a = Array.from({ length: 24 }, numbersFrom(8));
const model = (more = "", tables = "rows.csv"): string => `model Birds
input a: f32
task kind: class { head: a -> dense }
train { epochs: 1 }
${more}
data { train: csv("${tables}") }
`;
const rows = csv({ a, kind: a.map((x) => (x > 0.3 ? "p" : "q")) });

let folder = "";
beforeAll(async () => {
  folder = folderOf({
    "good.mtl": model(),
    "wrong.mtl": model('task z: rael { target: "a", head: a -> dense }'),
    "table.mtl": model("", "table.csv"),
    "absent.mtl": model("", "nowhere.csv"),
    "unbuilt.mtl": model("shared s = a -> dense(4) -> mmoe(experts: 2) { dense(4) }"),
    "nan.mtl": model('task y: real { target: "a", head: a -> dense }').replace(
      "epochs: 1",
      "epochs: 9, batch: 8, optimizer: sgd(rate: 1e30)",
    ),
    "rows.csv": rows,
    "table.csv": "a,kind\nx,p\n1,q\n",
    "new.csv": "a\n1\n",
    "bad.csv": "a\nx\n",
    "other.csv": "b\n1\n",
  });
  writeFileSync(join(folder, "noise.mtl"), Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x41]));
  await sound("train", join(folder, "good.mtl"), "--run", join(folder, "run"));
  for (const broken of ["half", "other"]) {
    mkdirSync(join(folder, broken));
    for (const name of ["run.json", "codes.json", "model.mtl", "model.safetensors"])
      writeFileSync(join(folder, broken, name), readFileSync(join(folder, "run", name)));
  }
  writeFileSync(join(folder, "half/model.safetensors"), "half");
  writeFileSync(join(folder, "other/codes.json"), "{}");
});

/** What every object of a failure says beside its exit code. */
type Kind = "result" | "usage" | "mistakes" | "fault";

/** The command line (`@` is the folder), its exit code, and what kind of object it prints. */
const table: readonly (readonly [string, number, Kind])[] = [
  ["", 2, "usage"],
  ["fit @/good.mtl", 2, "usage"],
  ["@/good.mtl train", 2, "usage"],
  ["help", 0, "result"],
  ["help train", 0, "result"],
  ["train --help", 0, "result"],
  ["--version", 0, "result"],
  ["init table --to @/new", 0, "result"],
  ["init table --to @/new", 2, "usage"],
  ["init nothing", 2, "usage"],
  ["init table --to @/good.mtl/sub", 1, "mistakes"],
  ["check @/good.mtl", 0, "result"],
  ["check @/wrong.mtl", 1, "result"],
  ["check @/table.mtl --data", 1, "result"],
  ["check @/good.mtl @/nowhere.mtl @/wrong.mtl", 2, "result"],
  ["check @/noise.mtl @/good.mtl", 1, "result"],
  ["check @", 2, "usage"],
  ["check", 2, "usage"],
  ["check @/good.mtl --nothing", 2, "usage"],
  ["describe @/good.mtl", 0, "result"],
  ["describe @/wrong.mtl", 1, "mistakes"],
  ["describe @/nowhere.mtl", 2, "usage"],
  ["describe @/noise.mtl", 1, "mistakes"],
  ["ir @/good.mtl", 0, "result"],
  ["ir @/wrong.mtl", 1, "mistakes"],
  ["explain dense", 0, "result"],
  ["explain densee", 2, "usage"],
  ["train @/good.mtl --dry-run", 0, "result"],
  ["train @/good.mtl --run @/second", 0, "result"],
  ["train @/good.mtl --run @/run", 1, "mistakes"],
  ["train @/good.mtl --run @/good.mtl", 1, "mistakes"],
  ["train @/wrong.mtl --dry-run", 1, "mistakes"],
  ["train @/table.mtl --dry-run", 1, "mistakes"],
  ["train @/absent.mtl --dry-run", 1, "mistakes"],
  ["train @/unbuilt.mtl --dry-run", 1, "mistakes"],
  ["train @/nan.mtl --run @/third", 1, "mistakes"],
  ["train @/good.mtl --resume --run @/nowhere", 1, "mistakes"],
  ["train @/good.mtl --dry-run --set epochs=3", 1, "mistakes"],
  ["train @/good.mtl --dry-run --set train.epochs=3 4", 2, "usage"],
  ["train @/good.mtl --dry-run --threads 0", 2, "usage"],
  ["train @/good.mtl --dry-run --device gpu", 1, "mistakes"],
  ["train @/good.mtl --dry-run --resume", 2, "usage"],
  ["train @/nowhere.mtl", 2, "usage"],
  ["evaluate @/run --on @/rows.csv", 0, "result"],
  ["evaluate @/run --on @/other.csv", 1, "mistakes"],
  ["evaluate @/run --on @/nowhere.csv", 1, "mistakes"],
  ["evaluate @/run", 1, "mistakes"],
  ["evaluate @/half", 1, "mistakes"],
  ["evaluate @/other", 1, "mistakes"],
  ["evaluate @/nowhere", 1, "mistakes"],
  ["evaluate @/good.mtl", 2, "usage"],
  ["predict @/run @/bad.csv", 1, "mistakes"],
  ["predict @/run @/other.csv", 1, "mistakes"],
  ["predict @/run @/nowhere.csv", 1, "mistakes"],
  ["predict @/run @/new.csv --to @/good.mtl/x.csv", 1, "mistakes"],
  ["predict @/run @/new.csv --to @/new.csv", 2, "usage"],
  ["predict @/run @/good.mtl/x.csv", 1, "mistakes"],
  ["check @/good.mtl/x.mtl", 2, "result"],
  ["evaluate @/good.mtl/run", 1, "mistakes"],
  [`train @/${"long".repeat(100)}.mtl`, 2, "usage"],
  [`evaluate @/${"long".repeat(100)}`, 1, "mistakes"],
  [`compile @/${"long".repeat(100)} --to onnx`, 1, "mistakes"],
  [`compile @/${"long".repeat(100)} --to typescript`, 2, "usage"],
  [`predict @/run @/new.csv --to @/${"long".repeat(100)}`, 1, "mistakes"],
  [`compile @/run --to onnx -o @/${"long".repeat(100)}.onnx`, 1, "mistakes"],
  [`init table --to @/${"long".repeat(100)}`, 1, "mistakes"],
  ["predict @/half @/new.csv", 1, "mistakes"],
  ["predict @/new.csv @/run", 2, "usage"],
  ["compile @/good.mtl --to typescript", 0, "result"],
  ["compile @/good.mtl --to typescript --check", 0, "result"],
  ["compile @/good.mtl --to typescript -o @/stale.ts --check", 1, "result"],
  ["compile @/good.mtl --to typescript -o -", 2, "usage"],
  ["compile @/good.mtl --to typescript -o @/new.csv/x.ts", 1, "mistakes"],
  ["compile @/good.mtl --to onnx", 2, "usage"],
  ["compile @/run --to onnx", 0, "result"],
  ["compile @/half --to onnx", 1, "mistakes"],
  ["compile @/wrong.mtl --to typescript", 1, "mistakes"],
  ["compile @/good.mtl", 2, "usage"],
  ["doctor --engine onnx --device gpu", 2, "usage"],
  ["doctor here", 2, "usage"],
];

/** The object on standard output: there is nothing beside it. */
function objectOf(out: string): Record<string, unknown> {
  const found: unknown = JSON.parse(out);
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw new Error(`no object: ${out}`);
  return { ...found };
}

function checkFailure(found: Record<string, unknown>, exit: number, kind: Kind): void {
  expect(Object.keys(found)).toEqual(["schema", "error", "diagnostics"]);
  expect(found.error).toEqual({ exit, message: expect.stringMatching(/\S/) });
  const diagnostics = Array.isArray(found.diagnostics) ? found.diagnostics : [];
  if (kind === "mistakes") expect(diagnostics[0]).toMatchObject({ code: expect.stringMatching(/^MTL\d{4}$/) });
  else expect(diagnostics).toEqual([]);
}

describe("--format json", () => {
  it.each(table)("mtlc %s: %i, %s", async (line, code, kind) => {
    const words = [...line.replaceAll("@", folder).split(" ").filter(Boolean), "--format", "json"];
    const outcome = await mtlc(...words);
    const found = objectOf(outcome.out);
    expect(Object.keys(found)[0]).toBe("schema");
    expect(found.schema).toBe(1);
    expect(outcome.code).toBe(code);
    if (kind === "result") expect(found).not.toHaveProperty("error");
    else checkFailure(found, code, kind);
    // People are told as well.
    if (kind !== "result") expect(outcome.err).not.toBe("");
  });

  it("tells of every file, the unreadable ones with their names", async () => {
    const files = ["good.mtl", "nowhere.mtl", "wrong.mtl"].map((name) => join(folder, name));
    const { out } = await mtlc("check", ...files, "--format", "json");
    expect(objectOf(out).diagnostics).toMatchObject([
      { code: "MTL8310", file: files[1], line: null, message: `there is no file ${files[1]}` },
      { code: "MTL3012", file: files[2], line: 5 },
    ]);
  });

  it.skipIf(process.getuid?.() === 0)("tells of files that may not be read", async () => {
    const file = join(folder, "locked.mtl");
    writeFileSync(file, model());
    chmodSync(file, 0);
    const { code, out } = await mtlc("check", file, "--format", "json");
    expect(code).toBe(2);
    expect(objectOf(out).diagnostics).toMatchObject([{ code: "MTL8310", file }]);
  });

  it("tells of a fault", async () => {
    const load = vi.spyOn(commands.ir, "load").mockRejectedValue(new Error("a wheel came off"));
    const { code, out, err } = await mtlc("ir", join(folder, "good.mtl"), "--format", "json");
    load.mockRestore();
    expect(code).toBe(3);
    expect(err).toContain("a wheel came off");
    checkFailure(objectOf(out), 3, "fault");
  });

  it("prints the list of answers for predict", async () => {
    const out = await sound("predict", join(folder, "run"), join(folder, "new.csv"), "--format", "json");
    expect(JSON.parse(out)).toMatchObject([{ kind: { label: expect.stringMatching(/^[pq]$/) } }]);
  });
});

describe("an interruption", () => {
  const { base, started } = scripts({ command: "src/cli/run.ts" });

  it("of training is told in the object, with what was reached", async () => {
    const file = join(folder, "long.mtl");
    writeFileSync(file, model().replace("epochs: 1", "epochs: 1000000, batch: 1"));
    const words = ["train", file, "--run", join(base, "long"), "--format", "json", "--threads", "1"];
    let asked = false;
    const { code, out } = await started("command", words, (printed, signal) => {
      if (asked || !printed.includes("epoch 2 ")) return;
      asked = true;
      signal("SIGINT");
    });
    expect(code).toBe(130);
    expect(objectOf(out)).toMatchObject({ schema: 1, model: "Birds", interrupted: true });
  });

  it.skipIf(process.platform === "win32")("of another command is told as what ended it", async () => {
    // A pipe without a writer holds the command up.
    const run = join(folder, "run");
    const child = spawn(
      process.execPath,
      [join(base, "command.mjs"), "predict", run, "-", "--from", "csv", "--format", "json"],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    let out = "";
    child.stdout.on("data", (text) => (out += text));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    // It reads once the pipe takes no more.
    const piece = Buffer.from("a\n".padEnd(1 << 16, "1\n"));
    for (let k = 0; k < 4; k++) await new Promise((resolve) => child.stdin.write(piece, resolve));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    checkFailure(objectOf(out), 130, "fault");
  });
});
