import type { LoaderInput } from "./loader-inputs.ts";
import { access, property } from "./loader-names.ts";

/** What a loader tells of the rows that it is given, in the words of `compiler/words/noticed.ts`, which is put behind it. */

/** What of a loader's text has to do with it: nothing where there is nothing to be told. */
export function watching(inputs: readonly LoaderInput[]) {
  const has = (kind: LoaderInput["kind"]): boolean => inputs.some((input) => input.kind === kind);
  if (!has("category") && !has("tokens"))
    return {
      options: "",
      option: "",
      opened: "",
      parameter: "",
      start: "",
      argument: "",
      end: "",
      telling: "",
      functions: [],
    };
  const [count, length] = has("tokens") ? [", count: number", ", rows.length"] : ["", ""];
  return {
    options: OPTIONS,
    option: ", { onWarning }: OpenOptions = {}",
    opened: "const told = new Set<string>();",
    parameter: ", noticed: Noticed",
    start: "const noticed = startNoticing();",
    argument: ", noticed",
    end: `tellAll(noticed${length});`,
    telling: `
  function tellAll(noticed: Noticed${count}): void {
    ${inputs.flatMap(tellOf).join("\n")}
  }
${TELL}`,
    functions: [
      `/** What is noticed in the rows of a call. */
function startNoticing() {
  return { ${inputs.flatMap(noticedOf).join("\n")} };
}
type Noticed = ReturnType<typeof startNoticing>;
`,
      ...(has("category") ? [CATEGORIES] : []),
      ...(has("tokens") ? [TOKENS] : []),
    ],
  };
}

const OPTIONS = `export interface OpenOptions {
  /**
   * Is told what is strange about the rows of a call of \`predict\`, counted: what training has not seen, texts that are cut.
   * \`console.warn\` says each matter once where this is absent. Answers are the same with and without.
   */
  readonly onWarning?: (message: string) => void;
}

`;

const TELL = `
  /** Where nobody listens, each matter is told once. */
  function tell(message: string | null, matter: string): void {
    if (message === null) return;
    if (onWarning) return onWarning(message);
    if (!told.has(matter)) console.warn(message);
    told.add(matter);
  }
`;

/** Members of what is noticed in a call. */
function noticedOf({ name, kind }: LoaderInput): string[] {
  if (kind === "category") return [`${property(name)}: mtlc.tally(),`];
  return kind === "tokens" ? [`${property(name)}: { words: mtlc.tally(), cut: 0, left: 0 },`] : [];
}

/** Tells what was noticed. */
function tellOf({ name, kind, shape, written = false }: LoaderInput): string[] {
  const noticed = `noticed${access(name)}`;
  const call = (what: string, ...further: readonly unknown[]): string =>
    `tell(${[`${what}(${[JSON.stringify(name), noticed, ...further].join(", ")})`, JSON.stringify(`${what} ${name}`)].join(", ")});`;
  if (kind === "category") return [call("strangeCategories", written)];
  return kind === "tokens" ? [call("cutTexts", shape[0], "count"), call("strangeWords")] : [];
}

/** Functions that note and tell. */
const CATEGORIES = `/** 0 is whatever has no code. */
function categoryCode(cell: string, codes: ReadonlyMap<number | string, number>, noticed: mtlc.Tally): number {
  const code = mtlc.findCell(codes, cell);
  if (cell !== "") mtlc.note(noticed, cell, code !== undefined);
  return code ?? 0;
}

function strangeCategories(name: string, noticed: mtlc.Tally, isWritten: boolean): string | null {
  const unseen = mtlc.unseenIn(noticed);
  return unseen.count === 0 ? null : mtlc.unseenCategories({ name, parts: "rows" }, unseen, isWritten);
}
`;

const TOKENS = `interface NoticedTexts {
  readonly words: mtlc.Tally;
  /** Texts that are too long, and how many of their tokens are left out. */
  cut: number;
  left: number;
}

/** 1 is whatever has no code. */
function tokenCodes(tokens: readonly string[], length: number, codes: ReadonlyMap<unknown, number>, noticed: NoticedTexts): number[] {
  if (tokens.length > length) {
    noticed.cut += 1;
    noticed.left += tokens.length - length;
  }
  return tokens.slice(0, length).map((token) => {
    const code = codes.get(token);
    mtlc.note(noticed.words, token, code !== undefined);
    return code ?? 1;
  });
}

function cutTexts(name: string, { cut, left }: NoticedTexts, length: number, of: number): string | null {
  return cut === 0 ? null : mtlc.textsCut({ name, parts: "rows" }, { count: cut, of, length, left });
}

function strangeWords(name: string, { words }: NoticedTexts): string | null {
  const unseen = mtlc.unseenIn(words);
  return mtlc.areStrangeTexts(unseen) ? mtlc.unseenWords({ name, parts: "rows" }, unseen) : null;
}
`;
