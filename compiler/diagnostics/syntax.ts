import { diagnostic } from "./diagnostic.ts";

/** MTL1xxx: text that cannot be read. */

/** What is found where nothing more belongs to a declaration. */
export const declarationEnds = "\n";
const found = (text: string) =>
  text === "" ? "the file ends" : text === declarationEnds ? "the declaration ends" : `\`${text}\` stands here`;

export const syntax = {
  unexpectedCharacter: diagnostic<{ found: string }>({
    code: "MTL1001",
    name: "unexpected-character",
    severity: "error",
    message: ({ found: text }) => `${text === "`" ? "a backtick" : `\`${text}\``} has no meaning in the language`,
    why: "Outside strings and comments a file holds names, numbers, strings and the marks `{ } ( ) [ ] , : = . + - * / ->`. Names are letters, digits and `_`; a column with other letters in its name is written in quotes.",
    bad: `const width = 64;`,
    good: `const width = 64\nshared h = x -> dense(width)\ntask z: real { head: h -> dense }`,
    wrap: "model",
  }),
  unterminatedString: diagnostic<{ found: string }>({
    code: "MTL1002",
    name: "unterminated-string",
    severity: "error",
    message: () => "this string has no closing quote",
    why: 'A string begins and ends with a double quote on the same line. A quote inside is written `\\"`, a new line `\\n`.',
    bad: `input age: f32 { from: "Age }\ntask z: real { head: age -> dense }`,
    good: `input age: f32 { from: "Age" }\ntask z: real { head: age -> dense }`,
    wrap: "model",
  }),
  unterminatedComment: diagnostic<{ found: string }>({
    code: "MTL1003",
    name: "unterminated-comment",
    severity: "error",
    message: () => "this comment is never closed",
    why: "A comment that begins with `/*` ends with `*/`. Everything after the opening is comment until then. A comment of one line begins with `//` and needs no end.",
    bad: `/* the rest is still to come`,
    good: `// the rest is still to come`,
    wrap: "model",
  }),
  badEscape: diagnostic<{ found: string }>({
    code: "MTL1004",
    name: "bad-escape",
    severity: "error",
    message: ({ found: text }) => `\`${text}\` is no escape`,
    why: 'In a string a backslash begins one of `\\"`, `\\\\`, `\\n`, `\\t` and `\\u{1F600}`. A backslash that is meant as itself is written twice; paths use `/` everywhere.',
    bad: `data { train: csv("tables\\rows.csv") }`,
    good: `data { train: csv("tables/rows.csv") }`,
    wrap: "model",
  }),
  badNumber: diagnostic<{ found: string }>({
    code: "MTL1005",
    name: "bad-number",
    severity: "error",
    message: ({ found: text }) => `\`${text}\` is no number`,
    why: "Numbers are written `1`, `0.5`, `1e-3` or `1_000`. A name cannot begin with a digit.",
    bad: `train { optimizer: adam(rate: 0.1.5) }`,
    good: `train { optimizer: adam(rate: 0.15) }`,
    wrap: "model",
  }),
  expected: diagnostic<{ found: string; expected: string }>({
    code: "MTL1006",
    name: "expected",
    severity: "error",
    message: ({ found: text, expected }) => `${expected} is expected, and ${found(text)}`,
    why: "A declaration opens with its word and a name: `shared trunk = …`, `task digit: class(10) { … }`. After `name =` something is computed, after `key:` something is set.",
    bad: `const = 64`,
    good: `const width = 64\nshared h = x -> dense(width)\ntask z: real { head: h -> dense }`,
    wrap: "model",
  }),
  unexpected: diagnostic<{ found: string; expected?: string }>({
    code: "MTL1007",
    name: "unexpected",
    severity: "error",
    message: ({ found: text, expected }) =>
      expected === undefined
        ? `\`${text}\` does not belong here`
        : `\`${text}\` does not belong here: ${expected} does`,
    why: "Outside a declaration only the next one may stand: a word that opens one (`input`, `const`, `layer`, `block`, `shared`, `task`, `penalty`, `train`, `data`, `model`, `import`), then what it needs.",
    bad: `train { epochs: 3 } }`,
    good: `train { epochs: 3 }`,
    wrap: "model",
  }),
  missingMark: diagnostic<{ expected: string }>({
    code: "MTL1008",
    name: "missing-mark",
    severity: "error",
    message: ({ expected }) => `${expected} is missing here`,
    why: "Two marks carry the notation: `name = expression` computes something, `key: value` sets something. Arguments and items of lists are parted by commas.",
    bad: `train { epochs 3 }`,
    good: `train { epochs: 3 }`,
    wrap: "model",
  }),
  missingValue: diagnostic<{ found: string; expected?: string }>({
    code: "MTL1009",
    name: "missing-value",
    severity: "error",
    message: ({ found: text, expected }) => `${expected ?? "an expression"} is missing here: ${found(text)}`,
    why: "After `=`, `:`, `->` and an operator something must follow.",
    bad: `train { epochs: }`,
    good: `train { epochs: 3 }`,
    wrap: "model",
  }),
  unclosed: diagnostic<{ found: string; expected: string }>({
    code: "MTL1010",
    name: "unclosed",
    severity: "error",
    message: ({ expected }) => `${expected} is missing: what was opened is never closed`,
    why: "Every `{`, `(` and `[` needs its closing mark. A declaration's word inside an open bracket is taken as the end of what came before.",
    bad: `train { epochs: 3`,
    good: `train { epochs: 3 }`,
    wrap: "model",
  }),
  tooDeep: diagnostic<{ most: string }>({
    code: "MTL1011",
    name: "too-deep",
    severity: "error",
    message: ({ most }) => `this declaration is nested too deeply: at most ${most}`,
    why: "No program needs so many brackets or operands in one declaration, and reading them would run out of memory. Parts of an expression may have names of their own: `shared part = …`.",
    bad: `const width = ${"(".repeat(101)}64${")".repeat(101)}`,
    good: `const width = 64\nshared h = x -> dense(width)\ntask z: real { head: h -> dense }`,
    wrap: "model",
  }),
  badName: diagnostic<{ found: string }>({
    code: "MTL1012",
    name: "bad-name",
    severity: "error",
    message: ({ found: text }) => `\`${text}\` is no name`,
    why: "A name is letters, digits and `_`, and begins with none of the digits: a dash is a minus, and a dot asks for a part of something. A column keeps the name that it has: `from:` and `target:` say it in quotes.",
    bad: `task wine-colour: flag { head: x -> dense }`,
    good: `task wine_colour: flag { target: "wine-colour", head: x -> dense }`,
    wrap: "model",
  }),
};
