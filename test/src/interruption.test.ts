import { describe, expect, it } from "vitest";
import { createInterruption } from "../../src/cli/interruption.ts";

/** Signals at these moments, in milliseconds: whether training was asked to stop, and how often the process left at once. */
function signals(...moments: readonly number[]): { wanted: boolean; left: number } {
  let left = 0;
  const interruption = createInterruption(() => left++);
  for (const moment of moments) interruption.signal(moment);
  return { wanted: interruption.wanted(), left };
}

describe("an interruption", () => {
  it("is wanted from the first signal on", () => {
    expect(signals()).toEqual({ wanted: false, left: 0 });
    expect(signals(0)).toEqual({ wanted: true, left: 0 });
  });

  it("is one where the terminal and a parent process both pass it on", () => {
    expect(signals(1000, 1000.4, 1030, 1499)).toEqual({ wanted: true, left: 0 });
  });

  it("is followed by an end at once where somebody asks again", () => {
    expect(signals(1000, 1001, 1600)).toEqual({ wanted: true, left: 1 });
  });
});
