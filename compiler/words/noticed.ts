/**
 * What is noticed of the cells of rows that a network reads, and how it is said: one rule for commands, programs, generated
 * modules and loaders of exported graphs, which take the text of these functions in.
 */

/** Cells or tokens that were looked at, and how often each word occurs among them that training has not seen. */
export interface Tally {
  of: number;
  readonly words: Map<string, number>;
}

export function tally(): Tally {
  return { of: 0, words: new Map() };
}

export function note(noted: Tally, word: string, isKnown: boolean): void {
  noted.of++;
  if (!isKnown) noted.words.set(word, (noted.words.get(word) ?? 0) + 1);
}

/** How many were not known, of how many; the first of their words, and how many words they are. */
export interface Unseen {
  readonly count: number;
  readonly of: number;
  readonly first: string;
  readonly different: number;
}

export function unseenIn({ of, words }: { readonly of: number; readonly words: ReadonlyMap<string, number> }): Unseen {
  const [first = ""] = words.keys();
  const count = [...words.values()].reduce((total, times) => total + times, 0);
  return { count, of, first, different: words.size };
}

/** Some tokens are new in every text; said is where half of them are. */
export function areStrangeTexts({ count, of }: Unseen): boolean {
  return count > 0 && 2 * count >= of;
}

interface Where {
  /** Of an input. */
  readonly name: string;
  /** The file or part that the rows are of. */
  readonly parts: string;
}

/** `written`: the values stand in the model's file. */
export function unseenCategories(
  { name, parts }: Where,
  { count, of, first, different }: Unseen,
  written: boolean,
): string {
  const cells = `${count} of ${plural(of, "cell")} of ${name} in ${parts}`;
  const are = written ? `${areOf(count)} none of its values` : `${count === 1 ? "was" : "were"} not seen in training`;
  return `${cells} ${are} ("${first}"${more(different)})`;
}

export function unseenWords({ name, parts }: Where, { count, of, first, different }: Unseen): string {
  return `${count} of ${plural(of, "token")} of ${name} in ${parts} ${areOf(count)} not in the vocabulary ("${first}"${more(different)})`;
}

/** Rows whose texts are longer than `length` tokens, and how many tokens that leaves out. */
export interface Cut {
  readonly count: number;
  readonly of: number;
  readonly length: number;
  readonly left: number;
}

export function textsCut({ name, parts }: Where, { count, of, length, left }: Cut): string {
  return `${count} of ${plural(of, "row")} of ${parts} ${areOf(count)} longer than ${plural(length, "token")} in ${name}: ${plural(left, "token")} at ${count === 1 ? "its end" : "their ends"} ${areOf(left)} left out`;
}

function plural(count: number, one: string): string {
  return `${count} ${count === 1 ? one : `${one}s`}`;
}

function areOf(count: number): string {
  return count === 1 ? "is" : "are";
}

function more(different: number): string {
  return different > 1 ? ` and ${different - 1} more` : "";
}
