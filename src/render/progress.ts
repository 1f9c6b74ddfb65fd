import type { Model } from "../../compiler/ir/model.ts";
import { registry } from "../../compiler/registry/index.ts";
import type { EpochEvent, MeasureEvent, PhaseEndEvent, PhaseEvent, StepEvent } from "../../runtime/train/train.ts";
import { paintFor } from "./colour.ts";
import { createEpochLines, phaseEndLine, phaseLine } from "./epoch-lines.ts";
import { mainMetrics } from "./metrics.ts";
import { keepBelow } from "./output.ts";
import { createPace } from "./pace.ts";
import { createRegion, type WritableStream } from "./region.ts";
import { columnsOf } from "./screen.ts";
import { statusLines, type Status } from "./status.ts";

/** Shows how training goes: a line an epoch, and on a terminal, below them, where it stands. */
export interface Progress {
  /** Training of this model begins. */
  begin(model: Model): void;
  phase(event: PhaseEvent): void;
  phaseEnd(event: PhaseEndEvent): void;
  step(event: StepEvent): void;
  epoch(event: EpochEvent): void;
  measure(event: MeasureEvent): void;
  /** Leaves the terminal as a new line; call before anything else is printed. */
  end(): void;
}

/** Milliseconds between two pictures of what changes. */
const REDRAW = 100;
/** Of a terminal that does not tell. */
const USUAL_ROWS = 24;
/** Places that stay free at the end of a line, for the `^C` of a terminal. */
const FREE = 3;

/** `clock` counts milliseconds. */
export function createProgress(stream: WritableStream, clock = () => performance.now()): Progress {
  const columns = columnsOf(stream);
  const isLive = columns !== null && !process.env.NO_COLOR && process.env.TERM !== "dumb";
  return isLive ? liveProgress(stream, clock) : plainProgress(stream);
}

function plainProgress(stream: WritableStream): Progress {
  const lines = createEpochLines();
  let epochs = 0;
  return {
    begin() {
      // Lines that stay tell of losses alone.
    },
    phase(event) {
      ({ epochs } = event);
      stream.write(phaseLine(event));
    },
    phaseEnd: (event) => stream.write(phaseEndLine(event)),
    step() {
      // One line an epoch is enough where lines stay.
    },
    epoch: (event) => stream.write(`${lines.line(event, epochs, columnsOf(stream))}\n`),
    measure() {
      // What it gives stands in the epoch's line.
    },
    end() {
      // Every line is whole already.
    },
  };
}

function liveProgress(stream: WritableStream, clock: () => number): Progress {
  const paint = paintFor(stream);
  const region = createRegion(stream);
  const lines = createEpochLines();
  const pace = createPace();
  const means = createMeans();
  let model: Model | null = null;
  let phase: PhaseEvent | null = null;
  let last: StepEvent | null = null;
  let validation: Status["validation"] = null;
  let waited = 0;
  let measuring: MeasureEvent | null = null;
  let drawn = -Infinity;
  const status = ({ epoch, epochs, done, total }: StepEvent): Status => {
    const stepsPerSecond = pace.stepsPerSecond();
    const left = total - done + (phase?.later ?? 0);
    const patience = phase?.patience ?? null;
    return {
      epoch,
      epochs,
      done,
      total,
      stepsPerSecond,
      left: stepsPerSecond ? left / stepsPerSecond : null,
      mayStop: phase?.mayStop ?? false,
      losses: means.list(),
      validation,
      measuring,
      waited: patience === null ? null : { epochs: waited, patience },
    };
  };
  const draw = (): void => {
    const columns = columnsOf(stream);
    if (last && columns !== null)
      region.show(statusLines(status(last), columns - FREE, stream.rows ?? USUAL_ROWS, paint));
  };
  const drawInTime = (now: number): void => {
    if (now - drawn < REDRAW) return;
    drawn = now;
    draw();
  };
  stream.on?.("resize", draw);
  keepBelow({ hide: region.hide, show: region.again });
  return {
    begin(begun) {
      model = begun;
    },
    phase(event) {
      phase = event;
      ({ waited } = event);
      region.above(phaseLine(event));
    },
    phaseEnd: (event) => region.above(phaseEndLine(event)),
    step(event) {
      const now = clock();
      last = event;
      measuring = null;
      pace.note(event.done, now);
      means.add(event);
      drawInTime(now);
    },
    measure(event) {
      measuring = event;
      drawInTime(clock());
    },
    epoch(event) {
      waited = event.best ? 0 : waited + 1;
      measuring = null;
      if (event.validation) {
        const metrics = model ? mainMetrics(model, registry, event.validation.metrics) : [];
        validation = { loss: event.validation.loss, metrics };
      }
      region.above(`${lines.line(event, phase?.epochs ?? 0, columnsOf(stream))}\n`);
      // What is below tells of the same epoch.
      if (drawn > 0) draw();
    },
    end() {
      stream.off?.("resize", draw);
      keepBelow(null);
      region.clear();
      last = null;
    },
  };
}

/** Of each task loss and weight of late: a short memory keeps the numbers readable while batches differ. */
function createMeans(): { add(event: StepEvent): void; list(): Status["losses"] } {
  const means = new Map<string, { loss: number; weight: number }>();
  const mixed = (before: number, now: number): number => 0.9 * before + 0.1 * now;
  return {
    add({ losses, weights }) {
      for (const [task, loss] of Object.entries(losses)) {
        const before = means.get(task) ?? { loss, weight: weights[task] };
        means.set(task, { loss: mixed(before.loss, loss), weight: mixed(before.weight, weights[task]) });
      }
    },
    list: () => [...means].map(([task, mean]) => ({ task, ...mean })),
  };
}
