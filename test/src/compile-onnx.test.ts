import { mkdtempSync, rmSync } from "node:fs";
import * as ort from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatSource } from "../../src/typescript/format.ts";
import { expectSameAnswers } from "./expect-same-answers.ts";
import { cases, exported, importLoader } from "./exported.ts";

/** Exported graphs, run by the loader that is written beside them, answer as `mtlc predict` does. */
let base = "";
beforeAll(() => {
  base = mkdtempSync("node_modules/.export-");
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe.each(cases)("$name", (example) => {
  it("is answered by its loader as by mtlc", async () => {
    const { loader, answers, file } = await exported(example, base);
    expect(await formatSource(loader)).toBe(loader);
    const network = await (await importLoader(loader, base)).open(ort, file, { onWarning: () => undefined });
    const found = await network.predict(example.rows);
    const [name] = Object.keys(example.rows[0]);
    const { [name]: _, ...rest } = example.rows[1];
    await expect(network.predict([example.rows[0], rest])).rejects.toThrow(`row 2 has no ${name}`);
    await expect(network.predict([example.rows[0], null])).rejects.toThrow("row 2 is no object");
    await network.close();
    await network.close();
    await expect(network.predict(example.rows)).rejects.toThrow("predict came after close()");
    expect(found).toHaveLength(answers.length);
    answers.forEach((answer, row) => expectSameAnswers(found[row], answer, `row ${row + 1}`));
  });
});
