import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Model } from "../../compiler/ir/model.ts";
import { EmptyWords } from "./empty-words.ts";

/** What is noticed in one part of the data: how many of how many cells, and the words that they hold. */
export interface Noticed {
  /** Its name in messages: `train`, `fast.test`, a file. */
  readonly part: string;
  readonly count: number;
  readonly of: number;
  /** How often each word occurs; only these many where words matter. */
  readonly words?: ReadonlyMap<string, number>;
  /** Tokens that are left out, where texts are cut. */
  readonly left?: number;
}

/** The same of all parts where it was noticed. */
export interface Finding extends Required<Omit<Noticed, "part">> {
  /** `train, validation and test`. */
  readonly parts: string;
}

/** What is to be said of a matter; null where it turns out to be too little. */
type Say = (found: Finding) => Diagnostic | null;

/**
 * Gathers what is noticed while parts are encoded, so that each matter is said once and counted over all parts, not once a
 * part. `matter` names what was noticed and of which declaration.
 */
export class Findings {
  /** Whether these rows are read by what was learnt of others: the cells are to be mended, not the model. */
  readonly isTrained: boolean;
  /** The words among them that look like empty cells. */
  readonly empty: EmptyWords;
  readonly #matters = new Map<string, { readonly noticed: Noticed[]; readonly say: Say }>();

  constructor(model: Pick<Model, "data">, isTrained: boolean) {
    this.isTrained = isTrained;
    this.empty = new EmptyWords(model, isTrained);
  }

  add(matter: string, noticed: Noticed, say: Say): void {
    const known = this.#matters.get(matter);
    if (known === undefined) this.#matters.set(matter, { noticed: [noticed], say });
    else known.noticed.push(noticed);
  }

  has(matter: string): boolean {
    return this.#matters.has(matter);
  }

  tell(onWarning: (warning: Diagnostic, matter: string) => void): void {
    for (const [matter, { noticed, say }] of this.#matters) {
      const diagnostic = say(together(noticed));
      if (diagnostic !== null) onWarning(diagnostic, matter);
    }
  }
}

function together(noticed: readonly Noticed[]): Finding {
  const sum = (number: (one: Noticed) => number): number => noticed.reduce((total, one) => total + number(one), 0);
  const words = new Map<string, number>();
  for (const one of noticed)
    for (const [word, times] of one.words ?? []) words.set(word, (words.get(word) ?? 0) + times);
  return {
    parts: inWords([...new Set(noticed.map(({ part }) => part))]),
    count: sum(({ count }) => count),
    of: sum(({ of }) => of),
    left: sum(({ left = 0 }) => left),
    words,
  };
}

/** Diagnostics in the order of the declarations that they are about. */
export function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const files = [...new Set(diagnostics.map(({ span }) => span?.file))];
  const place = ({ span }: Diagnostic): number => files.indexOf(span?.file);
  return [...diagnostics].sort((a, b) => place(a) - place(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
}

/** `a, b and c`. */
export function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}
