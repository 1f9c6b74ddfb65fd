import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cannotWrite, makeFolders } from "../../runtime/run/atomic.ts";
import { shellWord } from "../render/words.ts";
import { print } from "../render/asked-format.ts";
import { exitCodes, formatOption, UsageError, type Command } from "./command.ts";

/** What each template is, in a few words; its files lie in `templates/<name>`. */
const templates: Readonly<Record<string, string>> = {
  table: "a table with numbers, words and missing answers; three tasks",
  image: "pictures; a class and a box",
};

export const init: Command = {
  usage: "[TEMPLATE] [--to FOLDER]",
  doc: `Writes a first model with its data, ready to train. Templates: ${Object.entries(templates)
    .map(([name, doc]) => `${name} (${doc})`)
    .join(", ")}.`,
  options: {
    to: { type: "string", value: "FOLDER", doc: "Where the files go (the current folder)." },
    format: formatOption("pretty", "json"),
  },
  operands: [{ noun: "a template", kind: "word", optional: true }],
  async run(args) {
    const [name = "table"] = args.positionals;
    if (!Object.hasOwn(templates, name)) {
      throw new UsageError(`there is no template \`${name}\`: choose one of ${Object.keys(templates).join(", ")}`);
    }
    const from = fileURLToPath(new URL(`../templates/${name}/`, import.meta.url));
    const to = args.text("to") ?? ".";
    const files = readdirSync(from);
    const there = files.filter((file) => existsSync(join(to, file)));
    if (there.length > 0) {
      throw new UsageError(
        `${there.map((file) => join(to, file)).join(", ")} would be overwritten; choose an empty folder with --to`,
      );
    }
    const written: string[] = [];
    for (const file of files) {
      const target = join(to, file);
      try {
        makeFolders(to);
        copyFileSync(join(from, file), target);
      } catch (error) {
        throw cannotWrite(target, error);
      }
      written.push(target);
    }
    const model = shellWord(join(to, "model.mtl"));
    const next = `\nNext: mtlc check ${model}, then mtlc train ${model}\n`;
    print(args.text("format"), `${written.map((path) => `${path}\n`).join("")}${next}`, { files: written });
    return exitCodes.fine;
  },
};
