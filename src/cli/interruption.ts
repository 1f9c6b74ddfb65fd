import { failureAs } from "../render/failure.ts";
import { exitCodes } from "./command.ts";
import { out } from "../render/output.ts";

/** Milliseconds in which signals are one: `timeout` and `npx` pass on what the terminal has sent to the whole group already. */
const ONE_WISH = 500;

/** The first Ctrl-C asks training to stop after the step under way; a later one leaves at once. */
export interface Interruption {
  wanted(): boolean;
  /** A signal has come, `now` milliseconds after some moment. */
  signal(now: number): void;
}

export function createInterruption(leave: () => void): Interruption {
  let first: number | null = null;
  return {
    wanted: () => first !== null,
    signal(now) {
      if (first === null) first = now;
      else if (now - first >= ONE_WISH) leave();
    },
  };
}

/** An interruption by the signals of this process, until it is stopped. A program that asked for a format is told in it. */
export function watchInterruption(format: string | undefined): Interruption & { stop(): void } {
  const interruption = createInterruption(() => leave(format));
  const stop = onSignals(() => interruption.signal(performance.now()));
  return { ...interruption, stop };
}

/** Without it a signal ends the process at once; a program that reads what it prints is told of it then. */
export function tellInterruption(format: string | undefined): () => void {
  return onSignals(() => leave(format));
}

function onSignals(act: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, act);
  return () => {
    for (const signal of signals) process.off(signal, act);
  };
}

function leave(format: string | undefined): void {
  const failure = { exit: exitCodes.interrupted, message: "interrupted", diagnostics: [] };
  const end = (): never => process.exit(exitCodes.interrupted);
  const told = failureAs(format, failure);
  // A reader that has stopped reading holds up nobody who waits for no object.
  if (told === "") end();
  out.put(told, end);
}
