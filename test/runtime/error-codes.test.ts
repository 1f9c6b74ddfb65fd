import { expect, test } from "vitest";
import { codeOf, isCode } from "../../runtime/error-codes.ts";

test("an error's code is found where there is one", () => {
  const missing = Object.assign(new Error("gone"), { code: "ENOENT" });
  expect(codeOf(missing)).toBe("ENOENT");
  expect(isCode(missing, "EEXIST", "ENOENT")).toBe(true);
  expect(isCode(missing, "EEXIST")).toBe(false);
  for (const other of [new Error("undefined"), "ENOENT", null, undefined, {}]) {
    expect(codeOf(other)).toBeUndefined();
    expect(isCode(other, "ENOENT", "undefined")).toBe(false);
  }
});
