import { exitCodes } from "./command.ts";

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

/** An interruption by the signals of this process, until it is stopped. */
export function watchInterruption(): Interruption & { stop(): void } {
  const interruption = createInterruption(() => process.exit(exitCodes.interrupted));
  const onSignal = (): void => interruption.signal(performance.now());
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    ...interruption,
    stop() {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
