import { describe, expect, it } from "vitest";
import { randomStream } from "../../compiler/random/index.ts";
import { readHead } from "../../runtime/data/heads.ts";
import { readTable } from "../../runtime/data/sources.ts";
import { folder } from "./data-fixtures.ts";
import { assertSound, dataFiles, mutated, readGarbled } from "./garbling.ts";

/**
 * Files that are cut off, overwritten or put together wrongly: each must give an error that names the file, or a table that is
 * sound. Where a checksum guards the file, the table must be the right one.
 */
const { path, write } = folder();
const ROUNDS = 200;

describe.each(dataFiles)("$name", (file) => {
  const { name, of, bytes } = file;

  it("is read when it is whole", async () => {
    write(name, bytes);
    const table = await readTable(of, path);
    assertSound(table);
    const head = await readHead(of, path);
    expect(head?.columns.map((column) => column.name)).toEqual([...table.columns.keys()]);
  });

  it(`gives an error that names it, or a sound table, ${ROUNDS} times`, async () => {
    write(name, bytes);
    const right = await readTable(of, path);
    const random = randomStream(7, `garbled ${name}`);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      write(name, mutated(random, bytes));
      if (await readGarbled(file, path, right, round % 4 === 0)) refused++;
    }
    expect(refused).toBeGreaterThan(ROUNDS / 20);
  });
});
