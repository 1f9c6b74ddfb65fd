import { expect } from "vitest";

/** Numbers agree to 1e-5 (relative above 1); everything else is equal. */
export function expectSameAnswers(found: unknown, expected: unknown, where: string): void {
  if (typeof expected === "number" && typeof found === "number") {
    expect(Math.abs(found - expected), `${where}: ${found}, expected ${expected}`).toBeLessThanOrEqual(
      1e-5 * Math.max(1, Math.abs(expected)),
    );
  } else if (typeof expected === "object" && expected !== null && typeof found === "object" && found !== null) {
    const others = new Map<string, unknown>(Object.entries(found));
    expect([...others.keys()], where).toEqual(Object.keys(expected));
    for (const [key, value] of Object.entries(expected)) expectSameAnswers(others.get(key), value, `${where}.${key}`);
  } else expect(found, where).toEqual(expected);
}
