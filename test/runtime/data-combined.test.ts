import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { readTable } from "../../runtime/data/sources.ts";
import { cellText, placeOf } from "../../runtime/data/table.ts";
import type { Table } from "../../runtime/data/table.ts";
import { failures, folder, source } from "./data-fixtures.ts";

const { path, write } = folder();
const csv = (name: string) => source("csv", { path: name });
const cells = (table: Table, name: string): (string | null)[] => {
  const column = table.columns.get(name);
  return column === undefined ? [] : Array.from({ length: table.rows }, (_, row) => cellText(column, row));
};
const join = (left: string, right: string, warnings: Diagnostic[] = []): Promise<Table> =>
  readTable(source("join", { on: "user", only: {} }, [csv(left), csv(right)]), path, (warning) =>
    warnings.push(warning),
  );

write("visits.csv", "user,stars\nann,5\nbob,3\nann,4\n,1\ncid,2\n");
write("users.csv", "user,age\nbob,40\nann,30\n");
write("twice.csv", "user,age\nbob,40\nann,30\nbob,41\n");
write("stars.csv", "user,stars\nbob,40\n");

describe("join", () => {
  it("keeps every row of the left table, with the right table's cells", async () => {
    const warnings: Diagnostic[] = [];
    const table = await join("visits.csv", "users.csv", warnings);
    expect([...table.columns.keys()]).toEqual(["user", "stars", "age"]);
    expect(cells(table, "stars")).toEqual(["5", "3", "4", "1", "2"]);
    expect(cells(table, "age")).toEqual(["30", "40", "30", null, null]);
    expect(warnings.map(({ code, message }) => [code, message])).toEqual([
      ["MTL8022", '2 of 5 rows of visits.csv find no "user" in users.csv: their cells are empty'],
    ]);
    const age = table.columns.get("age");
    // Bob is row 1 of users.csv.
    expect(age && placeOf(age, 1)).toEqual({ file: "users.csv", row: 1 });
    // Nobody of users.csv is in the fourth row: it is a row of visits.csv alone.
    expect(age && placeOf(age, 3)).toEqual({ file: "visits.csv", row: 4 });
  });

  it("matches numbers as numbers", async () => {
    write("left.csv", "user,a\n1,x\n2.0,y\n007,z\n");
    write("right.csv", "user,b\n1.0,p\n2,q\n7,r\n");
    expect(cells(await join("left.csv", "right.csv"), "b")).toEqual(["p", "q", null]);
  });

  it("refuses a doubled key and a column that both have", async () => {
    const [doubled] = await failures(() => join("visits.csv", "twice.csv"));
    expect(doubled.message).toBe('twice.csv row 3, column "user": "bob" stands in row 1 already');
    const [both] = await failures(() => join("visits.csv", "stars.csv"));
    expect(both.message).toBe('both visits.csv and stars.csv have a column "stars"');
    const [absent] = await failures(() =>
      readTable(source("join", { on: "usr" }, [csv("visits.csv"), csv("users.csv")]), path),
    );
    expect([absent.message, absent.help]).toEqual(['visits.csv has no column "usr"', 'did you mean "user"?']);
  });
});

describe("beside", () => {
  it("puts tables side by side, and filters the whole", async () => {
    write("more.csv", "colour\nred\nred\nblue\nblue\nred\n");
    const both = source("beside", { only: { colour: "red" } }, [csv("visits.csv"), csv("more.csv")]);
    const table = await readTable(both, path);
    expect(cells(table, "stars")).toEqual(["5", "3", "2"]);
    expect(placeOf(table.columns.get("colour")!, 2)).toEqual({ file: "more.csv", row: 5 });
  });

  it("refuses unequal lengths and a column that two have", async () => {
    const beside = (...names: string[]) => readTable(source("beside", {}, names.map(csv)), path);
    const [lengths] = await failures(() => beside("visits.csv", "users.csv"));
    expect(lengths.message).toBe("visits.csv has 5 rows, users.csv has 2: side by side they must have equally many");
    const [both] = await failures(() => beside("visits.csv", "visits.csv"));
    expect(both.message).toContain('have a column "user"');
  });
});

describe("sources that are not built", () => {
  it.each(["parquet", "sql", "images"])("%s is named", async (word) => {
    const found = await failures(() => readTable(source(word, { path: "x" }), path));
    expect(found.map(({ code, message }) => [code, message])).toEqual([["MTL8008", `\`${word}\` cannot be read yet`]]);
  });
});
