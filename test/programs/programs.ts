import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Whole programs that must run as written. Their texts are part of the project, the data that they read are not. */

export const folder = fileURLToPath(new URL(".", import.meta.url));

/** A file of this folder. `blocks.mtl` is a library, all others are models. */
export interface Program {
  /** Without `.mtl`. */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

export const programs: readonly Program[] = readdirSync(folder)
  .filter((file) => file.endsWith(".mtl"))
  .map((file) => ({
    name: basename(file, ".mtl"),
    path: join(folder, file),
    text: readFileSync(join(folder, file), "utf8"),
  }));

export const models = programs.filter(({ text }) => /^model /m.test(text));

/** Public data sets, which are no part of the project. */
export const data = resolve(folder, "../../../shared/data");

/** Whether they lie beside the project. Tests that need them are skipped where they do not. */
export const hasData = existsSync(data);

/** A folder in which the programs lie as their data expect them: `../../data`, seen from a program, is the data beside the project. */
export function besideData(): string {
  const laid = mkdtempSync(join(tmpdir(), "mtlc-programs-"));
  const at = join(laid, "design", "programs");
  mkdirSync(at, { recursive: true });
  for (const { name, text } of programs) writeFileSync(join(at, `${name}.mtl`), text);
  if (hasData) symlinkSync(data, join(laid, "data"));
  return at;
}
