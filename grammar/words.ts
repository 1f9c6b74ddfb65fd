/** The words that open a declaration, and the shape that follows each; they are reserved only there. */

export const openers = {
  import: "names",
  model: "name",
  const: "value",
  layer: "value",
  shared: "value",
  penalty: "value",
  input: "typed",
  task: "typed",
  block: "block",
  train: "section",
  data: "section",
} as const;

export type Opener = keyof typeof openers;
/** `value`: name = expression; `typed`: name: kind { … }; `section`: perhaps a name, { … }. */
export type Shape = (typeof openers)[Opener];

const words: ReadonlySet<string> = new Set(Object.keys(openers));

export function isOpener(word: string): word is Opener {
  return words.has(word);
}
