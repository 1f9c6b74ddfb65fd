import { suggest } from "../../compiler/check/names/suggest.ts";
import { explain } from "../../compiler/explain.ts";
import { shellWord } from "../render/words.ts";
import { commands } from "./commands.ts";
import { placeAt } from "./places.ts";

/** What commands are called elsewhere. */
const foreignCommands: ReadonlyMap<string, string> = new Map(
  Object.entries({
    init: ["new", "create", "start", "template", "scaffold", "setup"],
    check: ["lint", "validate", "verify", "fmt", "format", "typecheck", "fix", "parse"],
    describe: ["summary", "summarize", "show", "inspect", "info", "params", "print", "plot", "draw"],
    train: ["fit", "run", "learn", "resume", "finetune", "fine-tune", "tune", "retrain"],
    evaluate: ["test", "score", "eval", "measure", "metrics", "benchmark", "bench"],
    predict: ["infer", "inference", "serve", "apply", "answer", "ask", "classify"],
    compile: ["export", "convert", "build", "emit", "onnx", "typescript", "generate", "transpile"],
    ir: ["dump", "graph", "ast"],
    explain: ["man", "manual", "doc", "docs", "word", "words", "what"],
    doctor: ["env", "diagnose", "engines", "devices", "status", "selftest"],
  }).flatMap(([command, names]) => names.map((name): [string, string] => [name, command])),
);

/** What is said of a first word that is no command. */
export function commandMeant(word: string, rest: readonly string[]): string {
  const operands = [word, ...rest].map(shellWord);
  const second = rest.findIndex((each) => Object.hasOwn(commands, each));
  if (second >= 0 && placeAt(word) !== "nothing") {
    const others = operands.filter((_, k) => k !== second + 1).join(" ");
    return `the command stands first: \`mtlc ${rest[second]} ${others}\``;
  }
  const place = placeAt(word);
  const path = shellWord(word);
  if (place === "model" || place === "file of a run")
    return `a command stands in front of the file: \`mtlc check ${path}\`, \`mtlc train ${path}\``;
  if (place === "run")
    return `a command stands in front of the run: \`mtlc evaluate ${path}\`, \`mtlc predict ${path} FILE\``;
  const bare = word.replace(/^-+/, "");
  if (bare !== word) {
    if (Object.hasOwn(commands, bare))
      return `commands have no dashes: \`mtlc ${[bare, ...operands.slice(1)].join(" ")}\``;
    return `\`${word}\` stands where the command does; options follow it: mtlc COMMAND [options]`;
  }
  const here = foreignCommands.get(word.toLowerCase());
  if (here !== undefined)
    return `there is no command \`${word}\`; here it is \`mtlc ${[here, ...operands.slice(1)].join(" ")}\``;
  const near = suggest(word, Object.keys(commands));
  if (near !== undefined) return `there is no command \`${word}\`; did you mean \`mtlc ${near}\`?`;
  if (explain(word) !== null) return `there is no command \`${word}\`; \`mtlc explain ${path}\` tells about the word`;
  return `there is no command \`${word}\` (\`mtlc help\` lists them)`;
}
