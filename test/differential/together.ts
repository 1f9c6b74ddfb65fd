import { compile } from "../../compiler/compile.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { ModelSource } from "../../src/project/sources.ts";
import { sourceOf } from "../runtime/small-training.ts";
import { allCases, layerModel } from "./cases.ts";
import { layerVariants } from "./layer-variants.ts";

/** Everything that is tried of a layer, or of losses, in one program: a module writes as few functions for it as it can. */
export interface Together {
  readonly name: string;
  readonly text: string;
}

export function layersTogether(): Together[] {
  return [...registry.layer.values()].flatMap(({ name, built, example }): Together[] => {
    if (!built) return [];
    const written = [example, ...layerVariants.flatMap(([layer, lines]) => (layer === name ? [lines] : []))];
    const lines = written.map((each, k) => renamed(each, k)).join("\n");
    return [{ name: `layer ${name}`, text: layerModel(lines) }];
  });
}

/** The tensors of an example under names of their own. */
function renamed(lines: string, k: number): string {
  const names = [...lines.matchAll(/^shared (\w+)/gm)].map(([, name]) => name);
  const blocks = [...lines.matchAll(/^(?:layer|const|block) (\w+)/gm)].map(([, name]) => name);
  return [...names, ...blocks].reduce(
    (text, name) => text.replace(new RegExp(`\\b${name}\\b(?!\\s*:)`, "g"), `${name}_${"abcdefghijklmnopqrst"[k]}`),
    lines,
  );
}

/** Each loss with all settings and kinds that are tried, in one program; by its teacher where it has one. */
export function lossesTogether(): Together[] {
  const programs = new Map<string, { readonly name: string; readonly whole: string; readonly tasks: Set<string> }>();
  for (const { row, text } of allCases()) {
    if (!row.startsWith("loss ")) continue;
    const [task = ""] = /^task alpha: .*$/m.exec(text) ?? [];
    const [teacher = ""] = /^task teacher: .*$/m.exec(text) ?? [];
    const known = programs.get(row + teacher);
    if (known) known.tasks.add(task);
    else {
      const kind = /: (\S+)/.exec(teacher);
      const name = kind ? `${row} of ${kind[1]}` : row;
      programs.set(row + teacher, { name, whole: text, tasks: new Set([task]) });
    }
  }
  return [...programs.values()].map(({ name, whole, tasks }) => {
    const all = [...tasks].map((task, k) => task.replace("alpha", `alpha_${k + 1}`));
    return { name, text: whole.replace(/^task alpha: .*$/m, all.join("\n")) };
  });
}

/** Throws where the program has mistakes. */
export function sourceWithoutRows({ name, text }: Together): ModelSource {
  const errors = compile(text).diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join("; ")}\n${text}`);
  return sourceOf(text, { "rows.jsonl": "" });
}
