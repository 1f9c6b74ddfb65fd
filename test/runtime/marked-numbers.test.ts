import { describe, expect, it } from "vitest";
import { Marks } from "../../runtime/data/marks.ts";
import { prepared } from "./small-training.ts";
import { failures } from "./data-fixtures.ts";

/** Cells that are numbers for a person: the help says what stands beside the digits, and how to write them. */

function remedy(...cells: string[]): string | null {
  const marks = new Marks();
  for (const cell of cells) marks.add(cell);
  return marks.remedy();
}
const plainly = (marks: string, shown: string): string =>
  `these are numbers with ${marks}: write them plainly, with a point before the decimals${shown && `: ${shown}`}${marks === "a decimal comma" ? '; or say `decimal: ","` in a `csv` source' : ""}`;

describe("marks", () => {
  it.each<[readonly string[], string, string]>([
    [["1,000.00", "1,037.50"], "commas between thousands", "1000.00 for 1,000.00"],
    [["1,037"], "commas between thousands", "1037 for 1,037"],
    [["12,34,567"], "commas between thousands", "1234567 for 12,34,567"],
    [["6,5", "-0,25"], "a decimal comma", "6.5 for 6,5"],
    [["0,125"], "a decimal comma", "0.125 for 0,125"],
    [["1,037", "6,5"], "a decimal comma", ""],
    [["1.000,50"], "points between thousands and a decimal comma", "1000.50 for 1.000,50"],
    [["1.000.000"], "points between thousands", "1000000 for 1.000.000"],
    [["$1000.00"], "a sign of currency", "1000.00 for $1000.00"],
    [["-€ 12", "12 EUR", "USD 3"], "a sign of currency", "-12 for -€ 12"],
    [["$1,000"], "a sign of currency and commas between thousands", "1000 for $1,000"],
    [["10.0%", "3 %"], "a sign for per cent", "10.0 for 10.0%"],
    [["−1000.00", "–3"], "a minus sign that is not `-`", "-1000.00 for −1000.00"],
    [["1'000", "1’000’000"], "apostrophes between thousands", "1000 for 1'000"],
    [["1 000", "12\u00a0345,5", "1\u202f000"], "blanks between thousands and a decimal comma", "1000 for 1 000"],
    [["1_000"], "underscores between digits", "1000 for 1_000"],
    [["12 kg", "3.5kg"], "a unit (`kg`)", "12 for 12 kg"],
    [["100 km/h"], "a unit (`km/h`)", "100 for 100 km/h"],
    [["20 °C"], "a unit (`°C`)", "20 for 20 °C"],
    [["(250)"], "brackets for negative numbers", "-250 for (250)"],
    [["250-"], "a minus sign behind it", "-250 for 250-"],
    [["<0.1", "≥ 5"], "a sign such as `<` before it", "0.1 for <0.1"],
    [["１２", "٣"], "digits of another script", "12 for １２"],
  ])("%j: %s", (cells, marks, shown) => expect(remedy(...cells)).toBe(plainly(marks, shown)));

  it.each([
    [["2024-01-05", "05/01/2024", "5.1.24", "2024-01-05T10:00:00Z", "5 Jan 2024"], "dates"],
    [["10:30", "1:02:03", "9:15 am"], "times"],
    [["1/2", "3 1/4", "½"], "fractions"],
    [["18-24", "25–34"], "ranges"],
    [["0x1f"], "hexadecimal numbers"],
  ])("%j are %s", (cells, what) => expect(remedy(...cells)).toMatch(`these are ${what}`));

  it.each([
    [["red"]],
    [["?"]],
    [["1,000", "red"]],
    [["2024-01-05", "10:30"]],
    [["1/2", "1,000"]],
    [["-"]],
    [["1,,0"]],
    [["a1"]],
    [["1a", "2b", "3c", "4d"]],
    [["may"]],
    [[""]],
  ])("%j are no numbers of one sort", (cells) => expect(remedy(...cells)).toBeNull());
});

describe("help", () => {
  const read = async (kinds: string, rows: string) => {
    const text = `model House\n${kinds}\ntrain { epochs: 1 }\ndata { train: csv("rows.csv") }`;
    const found = await failures(() => prepared(text, { "rows.csv": rows }));
    return found.map(({ code, help }) => `${code} ${help}`);
  };
  const rows = 'area,price,w\n1,"1,000.00",1\n2,"2,500.00",1\n3,30,"1,5"\n';

  it("of what an input and a task read tells of the marks, and of a cell once", async () => {
    const input = "input area: f32\ninput size: f32[2] { from: [area, price] }\n";
    const help = plainly("commas between thousands", "1000.00 for 1,000.00");
    expect(await read(`${input}task price: real { head: size -> dense }`, rows)).toEqual([`MTL8010 ${help}`]);
    expect(await read("input area: f32\ntask price: count { head: area -> dense }", rows)).toEqual([`MTL8014 ${help}`]);
  });

  it("of a row's weight too", async () => {
    const found = await read(
      "input area: f32\ntask area2: real { head: area -> dense, target: area, row_weight: w }",
      rows,
    );
    expect(found).toEqual([`MTL8016 ${plainly("a decimal comma", "1.5 for 1,5")}`]);
  });

  it("is the old one where a cell among them is a word", async () => {
    const [found] = await read("input price: f32\ntask area: real { head: price -> dense }", `${rows}4,red,1\n`);
    expect(found).toMatch("to read words, write `input price: category`");
  });
});
