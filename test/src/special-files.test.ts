import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { csv, folderOf } from "../runtime/small-training.ts";
import { readNetwork, readWeights } from "../../runtime/generated/files.ts";
import { specialAt } from "../../runtime/special-at.ts";
import { mtlc, type CommandResult } from "../slow/command.ts";

/** Pipes, devices, sockets and folders in the place of files are refused by what they are, and nothing waits for them. */

const text = (data = "rows.csv", first = ""): string => `${first}model Pupils
input a: f32
task y: real { head: a -> dense }
train { epochs: 1 }
data { train: csv("${data}") }
`;
const folder = folderOf({ "pupils.mtl": text(), "rows.csv": csv({ a: [1, 2, 3, 4], y: [1, 2, 3, 4] }) });
const at = (name: string): string => join(folder, name);
const specials = ["pipe", "device", "socket", "folder"] as const;
const said = { pipe: "a named pipe", device: "a device", socket: "a socket", folder: "a folder" };
let server: Server;

describe.skipIf(!existsSync("/dev/zero"))("what is no file", () => {
  beforeAll(async () => {
    await mtlc("train", at("pupils.mtl"), "--run", at("run"));
    for (const ending of ["csv", "jsonl", "npz", "mtl", "csv.gz"]) {
      execFileSync("mkfifo", [at(`pipe.${ending}`)]);
      execFileSync("ln", ["-s", "/dev/zero", at(`device.${ending}`)]);
      mkdirSync(at(`folder.${ending}`));
    }
    server = createServer();
    await new Promise<void>((resolve) => server.listen(at("socket.csv"), resolve));
    for (const ending of ["jsonl", "npz", "mtl", "csv.gz"])
      execFileSync("ln", ["-s", at("socket.csv"), at(`socket.${ending}`)]);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  async function refused(what: string, ...words: readonly string[]): Promise<CommandResult> {
    const result = await mtlc(...words);
    expect(result.code, words.join(" ")).toBeGreaterThan(0);
    expect(result.code, words.join(" ")).toBeLessThan(3);
    expect(result.out + result.err, words.join(" ")).toContain(`is ${what}`);
    return result;
  }

  it.each(specials)("as data: a %s", async (special) => {
    const words = { csv: "csv", jsonl: "jsonl", "csv.gz": "csv" };
    for (const [ending, word] of Object.entries(words)) {
      const name = `${special}.${ending}`;
      writeFileSync(at("data.mtl"), text(name).replace('csv("', `${word}("`));
      for (const command of [["check"], ["check", "--data"], ["train", "--dry-run"]])
        await refused(said[special], ...command, at("data.mtl"));
      await refused(said[special], "predict", at("run"), at(name));
      await refused(said[special], "evaluate", at("run"), "--on", at(name));
    }
    await refused(said[special], "predict", at("run"), at(`${special}.npz`));
  });

  it.each(specials)("as a model and as an import: a %s", async (special) => {
    const file = at(`${special}.mtl`);
    writeFileSync(at("importing.mtl"), text("rows.csv", `import { tail } from "./${special}.mtl"\n`));
    // A link that leads out of the model's folder is none of its files.
    for (const each of special === "device" ? [file] : [file, at("importing.mtl")])
      for (const words of [
        ["check"],
        ["describe"],
        ["train", "--dry-run"],
        ["compile", "--to", "typescript", "-o", "-"],
      ])
        // Commands that take runs look for one in a folder.
        if (special !== "folder" || each !== file || !["compile", "describe"].includes(words[0]))
          await refused(said[special], words[0], each, ...words.slice(1));
  });

  it.each(["history.jsonl", "steps.jsonl", "state.safetensors", "run.lock"])(
    "that a run goes on with: %s",
    async (name) => {
      for (const special of specials) {
        const run = at(`on-${special}`);
        await mtlc("train", at("pupils.mtl"), "--run", run, "--log", "steps");
        rmSync(join(run, name), { force: true });
        if (special === "pipe") execFileSync("mkfifo", [join(run, name)]);
        else if (special === "folder") mkdirSync(join(run, name));
        else execFileSync("ln", ["-s", special === "device" ? "/dev/zero" : at("socket.csv"), join(run, name)]);
        const words = [
          "train",
          at("pupils.mtl"),
          "--resume",
          "--set",
          "train.epochs=2",
          "--run",
          run,
          "--log",
          "steps",
        ];
        const { code, err } = await mtlc(...words);
        expect(code, `${name} ${special}: ${err}`).toBe(1);
        expect(err).toContain(name);
        // A lock is never read as anything but what says who holds it.
        if (name !== "run.lock")
          expect(err).toContain(
            special === "folder" && name.endsWith("jsonl") ? "a folder of that name" : `it is ${said[special]}`,
          );
        rmSync(run, { recursive: true });
      }
    },
  );

  it.each(specials)("in the place of what is written: a %s", async (special) => {
    execFileSync("ln", ["-s", at(`${special}.csv`), at(`${special}.ts`)]);
    const words = ["compile", at("pupils.mtl"), "--to", "typescript", "-o", at(`${special}.ts`)];
    const { code, err } = await mtlc(...words);
    expect(
      [code, err.includes(special === "folder" ? "a folder of that name" : `it is ${said[special]}`)],
      err,
    ).toEqual([1, true]);
    expect(specialAt(at(`${special}.ts`))).toBe(said[special]);
  });

  it("of a run's network, which a program reads", async () => {
    for (const name of ["codes.json", "model.safetensors"]) {
      const run = at(`program-${name}`);
      execFileSync("cp", ["-r", at("run"), run]);
      rmSync(join(run, name));
      execFileSync("mkfifo", [join(run, name)]);
      await expect(readNetwork(run)).rejects.toThrow(`its ${name} is a named pipe`);
      await expect(readWeights(pathToFileURL(join(run, name)))).rejects.toThrow("it is a named pipe");
    }
  });

  it("in a run", async () => {
    for (const name of ["run.json", "codes.json", "model.safetensors", "model.mtl"]) {
      execFileSync("cp", ["-r", at("run"), at("copy")]);
      rmSync(join(at("copy"), name));
      execFileSync("mkfifo", [join(at("copy"), name)]);
      await refused("a named pipe", "predict", at("copy"), at("rows.csv"));
      await refused("a named pipe", "train", at("pupils.mtl"), "--resume", "--run", at("copy"));
      rmSync(at("copy"), { recursive: true });
    }
  });
});
