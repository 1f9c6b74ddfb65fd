import { expect } from "vitest";

/** The numbers of an answer in the order of the graph's output: probabilities, or values. */
function numbersOf(answer: unknown): number[] {
  if (typeof answer === "number") return [answer];
  if (Array.isArray(answer)) return answer.flatMap(numbersOf);
  if (typeof answer !== "object" || answer === null) return [];
  if ("probability" in answer) return numbersOf(answer.probability);
  if ("probabilities" in answer && typeof answer.probabilities === "object" && answer.probabilities !== null) {
    return Object.values(answer.probabilities).flatMap(numbersOf);
  }
  throw new Error(`no answer: ${JSON.stringify(answer)}`);
}

/** Every number of `mtlc predict`'s answers is found in a graph's results. Along tokens the graph answers for padding too. */
export function expectSameNumbers(
  found: readonly Readonly<Record<string, readonly number[]>>[],
  answers: readonly Readonly<Record<string, unknown>>[],
): void {
  expect(found).toHaveLength(answers.length);
  answers.forEach((answer, row) => {
    for (const [task, value] of Object.entries(answer)) {
      const numbers = numbersOf(value);
      expect(found[row][task].length, task).toBeGreaterThanOrEqual(numbers.length);
      numbers.forEach((number, k) => {
        const off = Math.abs(found[row][task][k] - number) / Math.max(1, Math.abs(number));
        const what = `row ${row + 1}, ${task}[${k}]: ${found[row][task][k]}, expected ${number}`;
        expect(off, what).toBeLessThanOrEqual(1e-5);
      });
    }
  });
}
