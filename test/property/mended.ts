import { compile } from "../../compiler/compile.ts";
import { mend, type Look } from "../../compiler/mend.ts";
import { readImport, type Text } from "./edits.ts";

/** What `check --fix` makes of a text. */
export async function mended(path: string, text: string): Promise<string> {
  return (await mend((changed) => lookAt(path, changed.get(path) ?? text, changed))).get(path) ?? text;
}

function lookAt(path: string, text: string, changed: ReadonlyMap<string, string> = new Map()): Look {
  const { diagnostics, trees } = compile(text, {
    file: path,
    read: (imported, from) => changed.get(imported) ?? readImport(imported, from),
  });
  return { diagnostics, texts: new Map([...trees].map(([file, tree]) => [file, tree.text])) };
}

/** Mends a text, and throws where it is worse afterwards, or could have been mended more. */
export async function checkMended({ path, text }: Pick<Text, "path" | "text">): Promise<{ readonly fixes: boolean }> {
  const kinds = (of: string): Set<string> => {
    const { diagnostics } = lookAt(path, of);
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    // Warnings come to light where no error hides them any more.
    return new Set((errors.length > 0 ? diagnostics : errors).map(({ code }) => code));
  };
  const after = await mended(path, text);
  const [before, now] = [kinds(text), kinds(after)];
  const strange = [...now].filter((code) => !before.has(code));
  if (strange.length > 0) throw new Error(`mending brought ${strange.join(", ")}:\n${after}`);
  if ((await mended(path, after)) !== after) throw new Error(`mending again changes it again:\n${after}`);
  return { fixes: after !== text };
}
