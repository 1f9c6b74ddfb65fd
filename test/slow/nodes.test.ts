import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { install, pack } from "./package.ts";
import { buildTfjsNode, missingTools } from "./tfjs-node.ts";

/** The packed package under later versions of Node, which come as npm packages that carry one and are kept in `.cache`. */

const root = join(import.meta.dirname, "../..");
const user = mkdtempSync(join(tmpdir(), "mtlc-nodes-"));
const versions = ["22", "24"];
const nodes = new Map([["this one", process.execPath], ...versions.flatMap((version) => carried(version))]);

/** The Node of an npm package, by its version; none where it cannot be had here. */
function carried(version: string): [string, string][] {
  const folder = join(root, ".cache/node", version);
  const node = join(folder, "node_modules/node/bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
    try {
      execFileSync("npm", ["install", "--no-audit", "--no-fund", `node@${version}`], { cwd: folder, stdio: "pipe" });
    } catch {
      console.warn(`Node ${version} is skipped: the package node@${version} cannot be installed here.`);
      return [];
    }
  }
  return [[version, node]];
}

beforeAll(() => install(user, pack(user)));
afterAll(() => rmSync(user, { recursive: true, force: true }));

/** Runs a script of the user's folder under a Node; what it prints on standard output. */
function run(node: string, ...words: readonly string[]): string {
  return execFileSync(node, words, { cwd: user, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
const mtlc = (node: string, ...words: readonly string[]): string =>
  run(node, "node_modules/mtlc/dist/mtlc.cjs", ...words);

describe.each([...nodes])("Node %s", (version, node) => {
  const folder = `node-${version.replace(" ", "-")}`;
  const model = join(folder, "model.mtl");

  it("is that Node", () => {
    if (versions.includes(version)) expect(run(node, "--version")).toMatch(new RegExp(`^v${version}\\.`));
  });

  it("makes, checks, trains, measures and answers", () => {
    mtlc(node, "init", "table", "--to", folder);
    expect(mtlc(node, "check", model)).toContain("no mistakes");
    const words = ["train", model, "--set", "train.epochs=3", "--run", join(folder, "run"), "--threads", "1"];
    const trained = JSON.parse(mtlc(node, ...words, "--format", "json"));
    expect(trained).toMatchObject({ schema: 1, epochs: 3 });
    const evaluated = JSON.parse(mtlc(node, "evaluate", join(folder, "run"), "--format", "json"));
    expect(evaluated.splits).toEqual(trained.splits);
    const answers = JSON.parse(
      mtlc(node, "predict", join(folder, "run"), join(folder, "penguins.csv"), "--format", "json"),
    );
    expect(answers.length).toBeGreaterThan(300);
    expect(() => mtlc(node, "check", "nowhere.mtl")).toThrow(
      expect.objectContaining({ status: 2, stdout: expect.stringContaining("there is no file") }),
    );
    expect(mtlc(node, "doctor")).toMatch(/onnx on cpu +works/);
  });

  it.skipIf(missingTools().length > 0)("trains on libtensorflow, whose package calls what Node 23 took away", () => {
    const words = ["train", model, "--engine", "tfjs-node", "--set", "train.epochs=1", "--run", join(folder, "native")];
    const printed = execFileSync(node, ["node_modules/mtlc/dist/mtlc.cjs", ...words, "--format", "json"], {
      ...{ cwd: user, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
      env: { ...process.env, NODE_PATH: buildTfjsNode() },
    });
    expect(JSON.parse(printed)).toMatchObject({ engine: "tfjs-node", device: "cpu", epochs: 1 });
  });

  it("trains from code, and through the library", () => {
    mtlc(node, "init", "image", "--to", join(folder, "image"));
    mtlc(node, "train", join(folder, "image/model.mtl"), "--set", "train.epochs=1", "--run", join(folder, "shapes"));
    writeFileSync(
      join(user, folder, "library.mjs"),
      `import { readFileSync } from "node:fs";
import { compile, load, train } from "mtlc";
const file = ${JSON.stringify(model)};
const { model } = compile(readFileSync(file, "utf8"), { file });
const { epochs } = await train(model, { set: ["train.epochs=1"], run: null, threads: 1 });
const run = await load(${JSON.stringify(join(folder, "run"))});
const { species } = await run.predict({ beak_length_mm: 40, beak_depth_mm: 18, flipper_length_mm: 190, body_mass_g: 3600, island: "Dream", sex: "MALE" });
await run.close();
console.log(JSON.stringify({ epochs, label: species.label }));
`,
    );
    expect(JSON.parse(run(node, join(folder, "library.mjs")))).toMatchObject({ epochs: 1 });
  });

  it("gives the same weights as every other, to the bit", () => {
    const weights = (of: string): string => readFileSync(join(user, of, "run/model.safetensors")).toString("hex");
    expect(weights(folder)).toBe(weights("node-this-one"));
  });
});
