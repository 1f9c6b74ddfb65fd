import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, it } from "vitest";
import { mtlc, sound } from "../slow/command.ts";
import { expectSameAnswers } from "./expect-same-answers.ts";

/** `version-0.1.0` holds what that version trained, and what it answered and measured with it. */

const base = mkdtempSync(join(tmpdir(), "mtlc-version-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));
const at = (name: string): string => join(base, name);
beforeEach(() => cpSync(join(import.meta.dirname, "version-0.1.0"), base, { recursive: true, force: true }));

const said = (name: string): unknown => JSON.parse(readFileSync(at(name), "utf8"));
const warning = ["run.json", "codes.json", "model.safetensors"]
  .map((name) => `\`${join(base, "run", name)}\``)
  .join(", ");

it("its runs answer, and are measured, as they were, with one warning", async () => {
  const { code, out, err } = await mtlc("predict", at("run"), at("asked.csv"), "--format", "json");
  expect(code, err).toBe(0);
  expectSameAnswers(JSON.parse(out), said("answers.json"), "predict");
  expect(err.match(/(error|warning)\[/g)).toEqual(["warning["]);
  expect(err).toContain(`warning[MTL8611] ${warning} carry no checksum`);
  const measured = await sound("evaluate", at("run"), "--bootstrap", "0", "--format", "json");
  expectSameAnswers(JSON.parse(measured).splits, (said("measured.json") as { splits: unknown }).splits, "evaluate");
});

it("its runs are compiled", async () => {
  expect(await sound("compile", at("run"), "--to", "typescript", "-o", "-")).toContain("export async function predict");
  await sound("compile", at("run"), "--to", "onnx");
  expect(existsSync(join(base, "run", "birds.onnx"))).toBe(true);
});

it("its runs go on, and carry checksums from then on", async () => {
  const go = await mtlc("train", at("birds.mtl"), "--resume", "--run", at("run"), "--set", "train.epochs=6");
  expect(go.code, go.err).toBe(0);
  expect(go.err.match(/warning\[MTL8611\]/g)).toHaveLength(1);
  const { err } = await mtlc("predict", at("run"), at("asked.csv"));
  expect(err).toBe("");
});

it("where a run of it cannot go on, its version is named", async () => {
  writeFileSync(at("rows.csv"), readFileSync(at("rows.csv"), "utf8").replace("north", "south"));
  const { code, err } = await mtlc("train", at("birds.mtl"), "--resume", "--run", at("run"));
  expect(code).toBe(1);
  expect(err).toContain(`error[MTL8608] \`${at("run")}\` was begun by version 0.1.0 of mtlc`);
  expect(err).toContain("`island` is not the same");
});
