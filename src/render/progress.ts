import type { EpochEvent, PhaseEndEvent, PhaseEvent, StepEvent } from "../../runtime/train/train.ts";
import { duration, short } from "./numbers.ts";

/** Shows how training goes: one line that changes on a terminal, a line an epoch elsewhere. */
export interface Progress {
  phase(event: PhaseEvent): void;
  phaseEnd(event: PhaseEndEvent): void;
  step(event: StepEvent): void;
  epoch(event: EpochEvent, epochs: number): void;
  /** Leaves the terminal as a new line; call before anything else is printed. */
  end(): void;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR = 30;
/** Milliseconds between two pictures of the changing line. */
const REDRAW = 100;

export function createProgress(stream: Stream): Progress {
  return stream.isTTY === true && process.env.TERM !== "dumb" ? liveProgress(stream) : plainProgress(stream);
}

function liveProgress(stream: Stream): Progress {
  const colour = !process.env.NO_COLOR;
  const dim = (text: string): string => (colour ? `\u001b[2m${text}\u001b[22m` : text);
  let drawn = 0;
  let started: { at: number; done: number } | null = null;
  let last = 0;
  let means = new Map<string, { loss: number; weight: number }>();
  const clear = (): void => void stream.write("\r\u001b[K");
  return {
    phase(event) {
      clear();
      stream.write(phaseLine(event));
    },
    phaseEnd(event) {
      clear();
      stream.write(phaseEndLine(event));
    },
    step(event) {
      const now = performance.now();
      // A new phase counts its steps anew.
      if (!started || event.done <= last) started = { at: now, done: event.done - 1 };
      last = event.done;
      // A short memory keeps the numbers readable while batches differ.
      for (const [task, loss] of Object.entries(event.losses)) {
        const before = means.get(task);
        const weight = event.weights[task];
        means.set(
          task,
          before
            ? { loss: 0.9 * before.loss + 0.1 * loss, weight: 0.9 * before.weight + 0.1 * weight }
            : { loss, weight },
        );
      }
      if (now - drawn < REDRAW) return;
      drawn = now;
      const left = ((now - started.at) / 1000 / (event.done - started.done)) * (event.total - event.done);
      const share = event.done / event.total;
      const bar = `${"━".repeat(Math.floor(share * BAR))}╸`.slice(0, BAR);
      const tasks = [...means].map(([task, { loss, weight }]) => `${task} ${short(loss)} (×${short1(weight)})`);
      const rest = dim("━".repeat(BAR - bar.length));
      const head = `epoch ${event.epoch} `;
      const tail = ` ${duration(left)} left   ${tasks.join("   ")}`;
      const room = Math.max(0, (stream.columns ?? 120) - head.length - BAR - 1);
      stream.write(
        `\r\u001b[K${head}${bar}${rest}${tail.length > room ? `${tail.slice(0, Math.max(0, room - 1))}…` : tail}`,
      );
    },
    epoch() {
      // The line goes on changing; nothing is kept of single epochs.
    },
    end() {
      clear();
      started = null;
      means = new Map();
    },
  };
}

function plainProgress(stream: Stream): Progress {
  return {
    phase(event) {
      stream.write(phaseLine(event));
    },
    phaseEnd(event) {
      stream.write(phaseEndLine(event));
    },
    step() {
      // One line an epoch is enough where lines stay.
    },
    epoch(event, epochs) {
      const tasks = Object.entries(event.losses).map(
        ([task, loss]) => `${task} ${short(loss)} (×${short1(event.weights[task])})`,
      );
      const loss = event.validation?.loss;
      const validation =
        loss === undefined || loss === null ? [] : [`validation ${short(loss)}${event.best ? " (best)" : ""}`];
      // A resumed run may be past the epochs that it is asked for now.
      const of = epochs >= event.epoch ? ` of ${epochs}` : "";
      stream.write(`epoch ${event.epoch}${of}   ${[...tasks, ...validation].join("   ")}\n`);
    },
    end() {
      // Every line is whole already.
    },
  };
}

/** One phase alone needs no name. */
function phaseLine({ phase, number, phases, epoch, epochs }: PhaseEvent): string {
  if (phases === 1) return "";
  return `phase ${phase ?? number} (${number} of ${phases}), epochs ${epoch} to ${epochs}\n`;
}

function phaseEndLine({ epoch, waited, kept }: PhaseEndEvent): string {
  const what = `epoch ${kept ?? epoch} is kept`;
  if (waited !== null) return `stopped after epoch ${epoch}: no better for ${waited}; ${what}\n`;
  return kept === null || kept === epoch ? "" : `epoch ${epoch} was the last; ${what}\n`;
}

function short1(weight: number): string {
  return Math.abs(weight) >= 0.05 && Math.abs(weight) < 1000 ? weight.toFixed(1) : weight.toPrecision(2);
}
