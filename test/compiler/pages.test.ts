import { describe, expect, it } from "vitest";
import { catalogue } from "../../compiler/diagnostics/catalogue.ts";
import { topics } from "../../compiler/explain.ts";
import { diagnosticsPage } from "./diagnostics-page.ts";
import { wordsPage } from "./words-page.ts";

/** Pages of `docs/` that are written from the compiler's tables, and may not fall behind them. */

const command = "npx vitest run --project fast test/compiler/pages.test.ts -u";

describe("pages written from tables", () => {
  it("docs/words.md is up to date", async () => {
    await expect(wordsPage(command)).toMatchFileSnapshot("../../docs/words.md");
  });

  it("docs/diagnostics.md is up to date", async () => {
    await expect(diagnosticsPage(command)).toMatchFileSnapshot("../../docs/diagnostics.md");
  });

  it("have every word and every code", () => {
    const pages = `${wordsPage(command)}${diagnosticsPage(command)}`;
    expect(topics().filter((topic) => !new RegExp(`(\`|### )${topic}\\b`).test(pages))).toEqual([]);
    expect(catalogue.filter(({ code }) => !/^MTL[1-9]\d{3}$/.test(code))).toEqual([]);
  });
});
