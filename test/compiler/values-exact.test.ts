import { expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";

const found = (only: string, labels = '"a", "b"'): string[] =>
  compile(
    `model M\ninput x: f32\ntask y: class([${labels}]) { head: x -> dense }\ntrain { epochs: 1 }\ndata { train: csv("rows.csv", only: { user: ${only} }) }`,
  ).diagnostics.flatMap(({ code, message, severity }) => (severity === "error" ? [`${code} ${message}`] : []));

it("whole numbers that stand for others as well are refused where cells are compared", () => {
  const problem = "has more digits than a number holds: it would stand for its neighbours as well";
  expect(found("9007199254740993")).toEqual([`MTL8018 9007199254740993 ${problem}`]);
  expect(found("[1, 12_345_678_901_234_567_890]")).toEqual([`MTL8018 12345678901234567890 ${problem}`]);
  expect(found("1", "1, 9007199254740993")).toEqual([`MTL8018 9007199254740993 ${problem}`]);
  expect(found('["9007199254740993", 9007199254740991, 1e20]')).toEqual([]);
});

it.each([
  ['1, "1"', '"1"'],
  ["true, 1", "1"],
  ['"True", true, 2', "true"],
  ["0, false", "false"],
])("%s are one value", (labels, second) => {
  expect(found("1", labels)).toEqual([`MTL5005 ${second} is in the list twice`]);
});

it.each(['1, "01"', '1, "yes"', '"7", "07"'])("%s are two", (labels) => expect(found("1", labels)).toEqual([]));
