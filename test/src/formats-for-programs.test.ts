import { expect, it, describe } from "vitest";
import { renderDiagnostics } from "../../src/render/diagnostics.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { mtlc } from "../slow/command.ts";

/** SARIF logs and workflow commands of odd file names, and of commands that came to no result. */

const at = (file: string): Diagnostic => ({
  code: "MTL1001",
  name: "odd",
  severity: "error",
  message: "m",
  span: { file, start: 0, end: 1 },
  labels: [{ span: { file, start: 0, end: 1 }, message: "here" }],
  fixes: [],
});

describe("addresses in a SARIF log", () => {
  it.each([
    ["birds.mtl", "birds.mtl"],
    ["sub/birds.mtl", "sub/birds.mtl"],
    ["../birds.mtl", "../birds.mtl"],
    ["my birds.mtl", "my%20birds.mtl"],
    ["50%#1?.mtl", "50%25%231%3F.mtl"],
    ["vögel.mtl", "v%C3%B6gel.mtl"],
    ["a:b.mtl", "a%3Ab.mtl"],
    ['[a]".mtl', "%5Ba%5D%22.mtl"],
    ["\ud800.mtl", "%EF%BF%BD.mtl"],
    ["sub\\birds 1.mtl", "sub/birds%201.mtl"],
    ["/home/me/my birds.mtl", "file:///home/me/my%20birds.mtl"],
    ["C:\\Users\\me\\my birds.mtl", "file:///C:/Users/me/my%20birds.mtl"],
    ["D:/birds.mtl", "file:///D:/birds.mtl"],
  ])("%s is %s", (file, address) => {
    const [run] = JSON.parse(renderDiagnostics([at(file)], "sarif", () => "x")).runs;
    const [result] = run.results;
    for (const { physicalLocation } of [...result.locations, ...result.relatedLocations])
      expect(physicalLocation.artifactLocation.uri).toBe(address);
    expect(new URL(address, "file:///there/").href).toMatch(/^file:/);
  });
});

describe("a command that came to no result", () => {
  it("is a log whose invocation failed", async () => {
    const { code, out } = await mtlc("check", "--nothing", "--format", "sarif");
    expect(code).toBe(2);
    const log = JSON.parse(out);
    expect(log.version).toBe("2.1.0");
    expect(log.runs).toHaveLength(1);
    expect(log.runs[0].results).toEqual([]);
    expect(log.runs[0].invocations).toEqual([
      {
        executionSuccessful: false,
        exitCode: 2,
        toolExecutionNotifications: [{ level: "error", message: { text: expect.stringContaining("`--nothing`") } }],
      },
    ]);
  });

  it("is one annotation, whatever it says", async () => {
    const { out } = await mtlc("check", "--50%\n::warning::x", "--format", "github");
    expect(out).toMatch(/^::error::[^\n]*50%25%0A::warning::x[^\n]*\n$/);
  });

  it("says nothing more in a format for people", async () => {
    for (const words of [
      ["check", "--nothing"],
      ["check", "--nothing", "--format", "pretty"],
      ["predict", "x", "--format", "csv"],
    ])
      expect(await mtlc(...words)).toMatchObject({ code: 2, out: "" });
  });

  it("does not take what stands behind -- for an option", async () => {
    expect((await mtlc("doctor", "--", "--format", "json")).out).toBe("");
  });
});

it("files that cannot be read are results of a log and annotations", async () => {
  const sarif = JSON.parse((await mtlc("check", "no where.mtl", "--format", "sarif")).out);
  expect(sarif.runs[0].results).toMatchObject([
    { ruleId: "MTL8310", locations: [{ physicalLocation: { artifactLocation: { uri: "no%20where.mtl" } } }] },
  ]);
  const { out } = await mtlc("check", "no,where.mtl", "--format", "github");
  expect(out).toBe("::error file=no%2Cwhere.mtl,title=MTL8310 file-not-read::there is no file no,where.mtl\n");
});
