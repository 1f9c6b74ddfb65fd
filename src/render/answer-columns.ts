import type { Answer } from "../../runtime/train/answers.ts";

/** The columns of a table of answers: they follow from the model alone, whatever the rows are. */

export type Answers = Readonly<Record<string, Answer>>;

/** Of tasks whose answers have several numbers: the parts of each one's name, where they have any. */
export type AnswerNames = ReadonlyMap<string, readonly (readonly string[])[]>;

export interface AnswerColumn {
  readonly name: string;
  /** Undefined where a row has no such answer: its list is shorter. */
  at(row: Answers): unknown;
}

/** A number or word of an answer: where it stands, in words that go into its column's name. */
interface Place {
  readonly parts: readonly string[];
  at(answer: unknown): unknown;
}

/**
 * The columns that answers such as `blank` have, which is as long as answers can be. Parts of a name are joined by points; where
 * two columns would have one name, those of all columns that hold points stand in quotes.
 */
export function answerColumns(blank: Answers, names: AnswerNames): readonly AnswerColumn[] {
  const columns = Object.entries(blank).flatMap(([task, answer]) =>
    placesOf(answer, names.get(task)).map(({ parts, at }) => ({
      parts: [task, ...parts],
      at: (row: Answers): unknown => at(row[task]),
    })),
  );
  const plain = columns.map(({ parts }) => parts.join("."));
  const isApart = new Set(plain).size === plain.length;
  return columns.map(({ parts, at }, k) => ({ name: isApart ? plain[k] : parts.map(inQuotes).join("."), at }));
}

function inQuotes(part: string): string {
  return part === "" || /[."]/.test(part) ? JSON.stringify(part) : part;
}

function placesOf(answer: Answer, names: readonly (readonly string[])[] | undefined): readonly Place[] {
  const elements = elementsOf(answer);
  const isNamed = names?.length === elements.length;
  return elements.flatMap(({ parts, at, element }, k) =>
    placesIn(element).map((place) => ({
      parts: [...(isNamed ? names[k] : parts), ...place.parts],
      at: (of: unknown) => place.at(at(of)),
    })),
  );
}

/** The answers in lists of lists, each with its places in them. */
function elementsOf(answer: unknown): readonly (Place & { readonly element: unknown })[] {
  if (!Array.isArray(answer)) return [{ parts: [], at: (of) => of, element: answer }];
  return answer.flatMap((part: unknown, k) =>
    elementsOf(part).map(({ parts, at, element }) => ({
      parts: [String(k), ...parts],
      at: (of: unknown) => at(Array.isArray(of) ? of[k] : undefined),
      element,
    })),
  );
}

/** A label by itself, probabilities by what they are of. */
function placesIn(element: unknown): readonly Place[] {
  if (typeof element !== "object" || element === null) return [{ parts: [], at: (of) => of }];
  return Object.entries(element).flatMap(([key, value]): Place[] => {
    const member = (of: unknown): unknown => entryOf(of, key);
    if (key === "label") return [{ parts: [], at: member }];
    if (typeof value !== "object" || value === null) return [{ parts: [key], at: member }];
    return Object.keys(value).map((label) => ({ parts: [label], at: (of: unknown) => entryOf(member(of), label) }));
  });
}

function entryOf(of: unknown, key: string): unknown {
  return typeof of === "object" && of !== null && Object.hasOwn(of, key) ? Reflect.get(of, key) : undefined;
}
