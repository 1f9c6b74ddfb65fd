import { cutTo, widthOf } from "../../compiler/prose/width.ts";
import type { EpochEvent, PhaseEndEvent, PhaseEvent } from "../../runtime/train/train.ts";
import { short, weighed } from "./numbers.ts";
import { shown } from "./shown.ts";

/** How much of an epoch a line tells. */
interface Form {
  readonly gap: string;
  readonly weights: boolean;
  /** Tasks that are named; the others are counted. */
  readonly tasks: number;
  readonly of: boolean;
}

/** The lines of a run's history: one for each epoch. On a terminal each is one row, and tells as much as has room. */
export interface EpochLines {
  line(event: EpochEvent, epochs: number, columns: number | null): string;
}

export function createEpochLines(): EpochLines {
  let last = { columns: 0, form: 0 };
  return {
    line(event, epochs, columns) {
      if (columns === null) return written(event, epochs, formsFor(Infinity)[0], null);
      const forms = formsFor(Object.keys(event.losses).length);
      // What was left out once stays out, so that lines are alike.
      let form = last.columns === columns ? last.form : 0;
      const fits = (): boolean => widthOf(written({ ...event, best: true }, epochs, forms[form], columns)) <= columns;
      while (form < forms.length - 1 && !fits()) form++;
      last = { columns, form };
      return cutTo(written(event, epochs, forms[form], columns), columns);
    },
  };
}

/** From all there is to tell to the least. */
function formsFor(tasks: number): readonly Form[] {
  const [wide, narrow] = ["   ", "  "];
  const whole: Form[] = [
    { gap: wide, weights: true, tasks, of: true },
    { gap: wide, weights: false, tasks, of: true },
  ];
  const fewer = Number.isFinite(tasks) ? Array.from({ length: tasks + 1 }, (_, k) => tasks - k) : [];
  return [
    ...whole,
    ...fewer.map((few): Form => ({ gap: narrow, weights: false, tasks: few, of: true })),
    { gap: narrow, weights: false, tasks: 0, of: false },
  ];
}

function written(event: EpochEvent, epochs: number, { gap, weights, tasks, of }: Form, columns: number | null): string {
  const { epoch, losses, validation, best } = event;
  const all = Object.entries(losses);
  const named = all
    .slice(0, tasks)
    .map(
      ([task, loss]) => `${nameIn(task, columns)} ${short(loss)}${weights ? ` ${weighed(event.weights[task])}` : ""}`,
    );
  const more = tasks > 0 && tasks < all.length ? [`… ${all.length - tasks} more`] : [];
  const value = validation?.loss ?? null;
  const measured = value === null ? [] : [`validation ${short(value)}${best ? " (best)" : ""}`];
  // A resumed run may be past the epochs that it is asked for now.
  const isWithin = of && epochs >= epoch;
  // Where lines are for reading, they are lined up.
  const number = columns === null || !isWithin ? String(epoch) : String(epoch).padStart(String(epochs).length);
  return [`epoch ${number}${isWithin ? ` of ${epochs}` : ""}`, ...named, ...more, ...measured].join(
    columns === null ? "   " : gap,
  );
}

/** A name that leaves room for others. */
export function nameIn(name: string, columns: number | null): string {
  return columns === null ? shown(name) : cutTo(shown(name), Math.max(8, columns >> 2));
}

/** One phase alone needs no name. */
export function phaseLine({ phase, number, phases, epoch, epochs }: PhaseEvent): string {
  if (phases === 1) return "";
  return `phase ${phase ?? number} (${number} of ${phases}), epochs ${epoch} to ${epochs}\n`;
}

export function phaseEndLine({ epoch, waited, kept }: PhaseEndEvent): string {
  const what = `epoch ${kept ?? epoch} is kept`;
  if (waited !== null) return `stopped after epoch ${epoch}: no better for ${waited}; ${what}\n`;
  return kept === null || kept === epoch ? "" : `epoch ${epoch} was the last; ${what}\n`;
}
