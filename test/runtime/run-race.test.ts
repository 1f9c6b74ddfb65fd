import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createRunFolder } from "../../runtime/run/folder.ts";

const base = mkdtempSync(join(tmpdir(), "mtlc-race-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

test("runs that start at once get folders of their own", () => {
  mkdirSync(join(base, "birds-1"));
  expect(createRunFolder(base, "Birds", [])).toBe(join(base, "birds-2"));
  expect(createRunFolder(base, "Birds", [])).toBe(join(base, "birds-3"));
});
