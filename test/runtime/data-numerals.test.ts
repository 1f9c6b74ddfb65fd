import { describe, expect, it } from "vitest";
import { randomStream } from "../../compiler/random/index.ts";
import { numberOfCell as numberOf } from "../../compiler/words/cells.ts";
import { found, numeralText, plainNumber, plainNumberOf } from "../../runtime/data/numerals.ts";

const parse = (text: string): number => plainNumber(Buffer.from(text), 0, Buffer.byteLength(text));

describe("numerals", () => {
  it.each([
    "0",
    "-0",
    "4",
    "-12.5",
    "4.0",
    "0.50",
    ".5",
    "5.",
    "1e-3",
    "-2.5E+10",
    "123456789012345",
    "9007199254740991",
  ])("%s is plain", (text) => expect(parse(text)).toBe(Number(text)));

  it.each([
    "",
    "-",
    ".",
    "007",
    "00.5",
    "+4",
    "1e",
    "e5",
    "0x10",
    "1_000",
    "1,5",
    "Infinity",
    "NaN",
    "1e999",
    "12.3.4",
  ])("%j is not plain", (text) => expect(parse(text)).toBeNaN());

  it("keeps keys apart that a double cannot tell apart", () => {
    expect(parse("9007199254740993")).toBeNaN();
    expect(parse("12345678901234567890")).toBeNaN();
    expect(numberOf("12345678901234567890")).toBe(12345678901234567890);
  });

  it("reads numbers that are wanted as numbers, plain or not", () => {
    expect(["007", "+4", "1e3"].map(numberOf)).toEqual([7, 4, 1000]);
    expect(["0x10", "Infinity", "", "4 5"].map(numberOf)).toEqual([null, null, null, null]);
  });

  it.each(["4.0", "0.50", "12", "0.1", "-3.100", "1234.5678"])("gives %s its text back", (text) => {
    const number = plainNumberOf(text);
    expect(numeralText(number, found.decimals)).toBe(text);
  });

  it("is the nearest double for numbers of any length", () => {
    const random = randomStream(1, "numerals");
    for (let i = 0; i < 40_000; i++) {
      const digits = Array.from({ length: 1 + random.below(22) }, () => random.below(10)).join("");
      const places = random.below(digits.length + 1);
      const whole = digits.slice(0, digits.length - places).replace(/^0+(?=\d)/, "") || "0";
      const text = `${whole}.${digits.slice(digits.length - places)}`;
      if (!Object.is(parse(text), Number(text))) expect.fail(`${text} gave ${parse(text)}`);
    }
  });

  it("is the nearest double at and next to ties", () => {
    // Halfway between two doubles near 1 and near 4503599627370496.
    for (const tie of [
      "1.00000000000000011",
      "1.00000000000000033",
      "4503599627370496.5",
      "4503599627370497.50",
      "0.500000000000000055",
    ])
      expect(parse(tie)).toBe(Number(tie));
  });
});
