import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { randomStream } from "../../compiler/random/index.ts";
import { readTable } from "../../runtime/data/sources.ts";
import { seeds } from "../property/check.ts";
import { folder } from "../runtime/data-fixtures.ts";
import { dataFiles, mutated, readGarbled } from "../runtime/garbling.ts";
import { DamagedRun, runFiles } from "../runtime/run-garbling.ts";

/** A thousand mutations of every format that is read: an error that names the file, or what is sound. */
const { path, write } = folder();
const chosen = seeds(1000);
const title = `damaged ${chosen.length} times from seed ${chosen[0]}`;

describe.each(dataFiles)("$name", (file) => {
  test(title, async () => {
    write(file.name, file.bytes);
    const right = await readTable(file.of, path);
    let refused = 0;
    for (const seed of chosen) {
      const bytes = mutated(randomStream(seed, `garbled ${file.name}`), file.bytes);
      write(file.name, bytes);
      try {
        for (const head of [true, false]) if (await readGarbled(file, path, right, head)) refused++;
      } catch (error) {
        throw new Error(`MTLC_PROPERTY_SEED=${seed}: ${bytes.toString("latin1")}`, { cause: error });
      }
    }
    if (chosen.length > 1) expect(refused).toBeGreaterThan(chosen.length / 20);
  });
});

describe("a run folder", () => {
  const run = new DamagedRun();
  beforeAll(() => run.make());
  afterAll(() => run.remove());

  test.each(runFiles)(`%s, ${title}`, async (file) => {
    let refused = 0;
    for (const seed of chosen) if (await run.damage(file, seed)) refused++;
    if (chosen.length > 1) expect(refused).toBeGreaterThan(chosen.length / 3);
  });
});
