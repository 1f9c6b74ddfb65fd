import { settingCalled, suggest, suggestSetting } from "../../compiler/check/names/suggest.ts";
import { saidElsewhere } from "../../compiler/words/elsewhere.ts";
import { registry } from "../../compiler/registry/index.ts";
import { shellWord } from "../render/words.ts";
import type { WrittenOption } from "./arguments.ts";
import { optionsOf, type Command, type Option } from "./command.ts";
import { commands } from "./commands.ts";
import { foreignOptions } from "./foreign-options.ts";

/** What is said of an option that a command does not have. */
export async function optionMeant(name: string, command: Command, written: WrittenOption): Promise<string> {
  const remedy = (await remedyFor(name, command, written)) ?? `\`mtlc ${name} --help\` lists those it has`;
  return `\`mtlc ${name}\` has no option \`${written.raw}\`: ${remedy}`;
}

async function remedyFor(name: string, command: Command, { raw, name: word, value }: WrittenOption) {
  const options = optionsOf(command);
  const key = word.toLowerCase().replaceAll("_", "-");
  if (Object.hasOwn(options, key)) return `write \`${spelled(key, options[key], value)}\``;
  if (key === "version") return "`mtlc --version` prints it";
  const foreign = foreignOptions.find(({ names, option }) => names.includes(key) && Object.hasOwn(options, option));
  if (foreign) return `write \`${spelled(foreign.option, options[foreign.option], foreign.value ?? value)}\``;
  const setting = ofTraining(key.replaceAll("-", "_"), value);
  if (setting !== null) return `write \`${name === "train" ? "" : "mtlc train FILE "}${setting}\``;
  const others = await commandsWith(key);
  if (others.length > 0) return `it is an option of ${others.map((other) => `\`mtlc ${other}\``).join(" and ")}`;
  if (["model", "run", "checkpoint", "weights", "rows", "input", "file"].includes(key) && command.operands.length > 0)
    return `it stands without an option: \`mtlc ${name} ${command.usage}\``;
  const near = suggest(word, Object.keys(options));
  if (near !== undefined) return `did you mean \`--${near}\`?`;
  return inTheFile(key.replaceAll("-", "_")) ?? nearSetting(name, key.replaceAll("-", "_"), value) ?? ofLetters(raw);
}

function spelled(name: string, { type, value: placeholder, words, whole }: Option, value: string | undefined): string {
  if (type === "boolean") return `--${name}`;
  const fits =
    value !== undefined &&
    (words === undefined || words.includes(value)) &&
    (whole === undefined || /^\d+$/.test(value));
  return `--${name} ${fits ? shellWord(value) : (placeholder ?? "VALUE")}`;
}

/** How a key of `train`, or a setting of its optimizer, is set: by its own name or one of other libraries. */
function ofTraining(key: string, value: string | undefined): string | null {
  const found = settingCalled(key, trainKeys());
  if (found !== undefined) return setTo(found, value);
  for (const { name, settings } of [...registry.optimizer.values()].sort(adamFirst)) {
    const setting = settingCalled(key, Object.keys(settings));
    if (setting !== undefined) return `--set "train.optimizer=${name}(${setting}: ${value ?? "…"})"`;
  }
  return null;
}

function trainKeys(): readonly string[] {
  return Object.keys(registry.section.get("train")?.keys ?? {});
}

function setTo(key: string, value: string | undefined): string {
  return value === undefined ? `--set train.${key}=…` : `--set ${shellWord(`train.${key}=${value}`)}`;
}

function adamFirst(a: { readonly name: string }, b: { readonly name: string }): number {
  return Number(b.name === "adam") - Number(a.name === "adam");
}

function nearSetting(name: string, key: string, value: string | undefined): string | undefined {
  const near = name === "train" ? suggestSetting(key, trainKeys()) : undefined;
  return near === undefined ? undefined : `did you mean \`${setTo(near, value)}\`?`;
}

async function commandsWith(option: string): Promise<string[]> {
  const found: string[] = [];
  for (const [name, entry] of Object.entries(commands)) {
    const command = await entry.load();
    if (Object.hasOwn(command.options, option)) found.push(name);
  }
  return found;
}

/** A key of another section of the file than `train`. */
function inTheFile(key: string): string | null {
  for (const section of ["data", "task", "input"] as const) {
    const keys = Object.keys(registry.section.get(section)?.keys ?? {});
    const found = settingCalled(key, keys);
    if (found !== undefined) return `\`${found}\` is a key of \`${section}\`, and stands in the file`;
    const said = saidElsewhere(key, section, {});
    if (said !== undefined) return `it stands in the file: ${said}`;
  }
  return null;
}

function ofLetters(raw: string): string | undefined {
  return /^-[^-]./.test(raw) ? `options begin with two dashes, such as \`-${raw}\`` : undefined;
}
