import { realpathSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Compilation } from "../../compiler/compile.ts";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import { mend, type Look } from "../../compiler/mend.ts";
import { writeWhole } from "../../runtime/run/atomic.ts";
import { compileSource, type ModelSource } from "./sources.ts";

interface Diagnosis {
  readonly compilation: Compilation;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Mends a model's file and what it imports, and writes what has changed, once and in the end. `diagnose` also looks at data:
 * what they tell comes to light only where the text has no mistake, and is mended after it.
 */
export async function mendFiles(
  source: ModelSource,
  diagnose: (source: ModelSource) => Promise<Diagnosis>,
): Promise<void> {
  const told = await mend((changed) => {
    const compilation = compileSource(withTexts(source, changed));
    return lookOf({ compilation, diagnostics: compilation.diagnostics });
  });
  const bound = await mend(async (changed) =>
    lookOf(await diagnose(withTexts(source, new Map([...told, ...changed])))),
  );
  for (const [file, text] of new Map([...told, ...bound])) writeWhole(realpathSync(file), text);
}

function lookOf({ compilation, diagnostics }: Diagnosis): Look {
  return { diagnostics, texts: new Map([...compilation.trees].map(([file, { text }]) => [file, text])) };
}

/** The source as if these texts were in its files. */
function withTexts(source: ModelSource, changed: ReadonlyMap<string, string>): ModelSource {
  const texts = new Map([...changed].map(([file, text]) => [resolve(file), text]));
  return {
    ...source,
    text: texts.get(resolve(source.file)) ?? source.text,
    read: (path, from) => texts.get(resolve(dirname(from), path)) ?? source.read(path, from),
  };
}
