import type { Diagnostic, Edit, Fix } from "./diagnostics/diagnostic.ts";
import { applyFixes } from "./fix.ts";

/** Files as they would stand, and what is found in them. */
export interface Look {
  readonly diagnostics: readonly Diagnostic[];
  /** The texts that were looked at, by file. */
  readonly texts: ReadonlyMap<string, string>;
}

/** Looks at files of which some have changed: their texts by file. */
export type Looking = (changed: ReadonlyMap<string, string>) => Look | Promise<Look>;

/** More than any file needs: each round mends something, and each look may be at a hundred fixes. */
const mostLooks = 200;
/** Rounds in which what a fix has brought to light may be mended in turn. */
const mostRounds = 4;

/**
 * The texts that are other ones once the first fix of every finding is made, round after round: a mended name can bring the next
 * mistake to light. A fix that does not remove its finding, or leaves one of a kind that the files did not have, is not made.
 */
export async function mend(look: Looking): Promise<ReadonlyMap<string, string>> {
  const start = new Map<string, string>();
  return new Mending(look).run({ changed: start, ...(await look(start)) });
}

interface State extends Look {
  readonly changed: ReadonlyMap<string, string>;
}

/** A finding with its fix. */
interface Mend {
  readonly finding: Diagnostic;
  readonly fix: Fix;
}

class Mending {
  private readonly look: Looking;
  private readonly refused = new Set<string>();
  private looks = 0;

  constructor(look: Looking) {
    this.look = look;
  }

  async run(start: State): Promise<ReadonlyMap<string, string>> {
    const kinds = new Set(start.diagnostics.map(({ code }) => code));
    let state = start;
    for (;;) {
      const mends = mendsOf(state).filter((each) => !this.refused.has(keyOf(each)));
      if (mends.length === 0 || this.looks > mostLooks) return state.changed;
      state = await this.some(state, mends, kinds);
    }
  }

  /** The state once all of these are made, or some where not all are good; the same where none is. */
  private async some(state: State, mends: readonly Mend[], kinds: ReadonlySet<string>): Promise<State> {
    const made = await this.all(state, mends, kinds);
    if (made !== null) return made;
    if (mends.length === 1 || this.looks > mostLooks) {
      for (const each of mends) this.refused.add(keyOf(each));
      return state;
    }
    const middle = Math.ceil(mends.length / 2);
    const first = await this.some(state, mends.slice(0, middle), kinds);
    // What comes after a change stands elsewhere, and is found anew.
    return first === state ? this.some(state, mends.slice(middle), kinds) : first;
  }

  /** The state once all of these are made and what they brought to light is mended; null where they are not good. */
  private async all(state: State, mends: readonly Mend[], kinds: ReadonlySet<string>): Promise<State | null> {
    const first = await this.make(state, mends);
    if (first === null || mends.some((each) => remains(each, state, first))) return null;
    let made: State | null = first;
    for (let round = 0; made !== null && round < mostRounds; round++) {
      const strange = strangers(made, kinds);
      if (strange.length === 0) return made;
      const further: Mend[] = mendsOf(made).filter(({ finding }) => strange.includes(finding));
      made = further.length === 0 ? null : await this.make(made, further);
    }
    return null;
  }

  private async make({ texts, changed }: State, mends: readonly Mend[]): Promise<State | null> {
    const byFile = new Map<string, Fix[]>();
    for (const { fix } of mends) {
      const [{ span }] = fix.edits;
      byFile.set(span.file, [...(byFile.get(span.file) ?? []), fix]);
    }
    const next = new Map(changed);
    for (const [file, fixes] of byFile) {
      const text = texts.get(file);
      if (text !== undefined) next.set(file, applyFixes(text, fixes));
    }
    if ([...next].every(([file, text]) => texts.get(file) === text)) return null;
    this.looks++;
    return { changed: next, ...(await this.look(next)) };
  }
}

/** The first fix of every finding, where all of it is in one file that was looked at. */
function mendsOf({ diagnostics, texts }: Look): Mend[] {
  return diagnostics.flatMap((finding): Mend[] => {
    const [fix] = finding.fixes;
    const files = new Set(fix?.edits.map(({ span }) => span.file));
    return fix && files.size === 1 && [...files].every((file) => texts.has(file)) ? [{ finding, fix }] : [];
  });
}

function keyOf({ finding: { code, message, span }, fix }: Mend): string {
  return JSON.stringify([code, message, span?.file, span?.start, fix.edits.map(({ text }) => text)]);
}

/** Findings of kinds that were not there. Warnings come to light where no error hides them any more. */
function strangers({ diagnostics }: Look, kinds: ReadonlySet<string>): readonly Diagnostic[] {
  const hasErrors = diagnostics.some(({ severity }) => severity === "error");
  return diagnostics.filter(({ code, severity }) => !kinds.has(code) && (severity === "error" || hasErrors));
}

/** Whether there is a finding of the same kind at the same place still, and not one less. */
function remains({ finding: { code, span }, fix }: Mend, before: Look, after: Look): boolean {
  const count = ({ diagnostics }: Look): number => diagnostics.filter((each) => each.code === code).length;
  if (count(after) < count(before)) return false;
  if (span === undefined) return true;
  const start = moved(span.start, fix.edits, false);
  const end = moved(span.end, fix.edits, true);
  return after.diagnostics.some(
    (each) => each.code === code && each.span?.file === span.file && each.span.start <= end && each.span.end >= start,
  );
}

/** Where a place is after these edits; behind what is put in at it, or before. */
function moved(place: number, edits: readonly Edit[], behind: boolean): number {
  return edits.reduce((at, { span, text }) => {
    const isBefore = span.end < place || (span.end === place && (behind || span.start < span.end));
    return isBefore ? at + text.length - (span.end - span.start) : at;
  }, place);
}
