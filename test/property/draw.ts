import { randomStream } from "../../compiler/random/index.ts";

/** Choices that belong to a seed: the same seed gives the same program, whatever other seeds gave before. */
export class Draw {
  readonly #random;
  constructor(seed: number, name: string) {
    this.#random = randomStream(seed, name);
  }
  /** 0 … n - 1. */
  below(n: number): number {
    return this.#random.below(n);
  }
  /** low … high, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  chance(p: number): boolean {
    return this.#random.uniform() < p;
  }
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new Error("there is nothing to choose from");
    return items[this.below(items.length)];
  }
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    const out: T[] = [];
    while (left.length > 0) out.push(...left.splice(this.below(left.length), 1));
    return out;
  }
  /** `count` of the items, or all of them where there are fewer. */
  some<T>(items: readonly T[], count: number): T[] {
    return this.shuffled(items).slice(0, count);
  }
  /** All items in random order; heavier ones tend to stand in front. */
  ordered<T>(items: readonly T[], weight: (item: T) => number): T[] {
    const keyed = items.map((item) => ({ item, key: -Math.log(1 - this.#random.uniform()) / weight(item) }));
    return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
  }
  uniform(low: number, high: number): number {
    return low + (high - low) * this.#random.uniform();
  }
  normal(): number {
    return this.#random.normal();
  }
}
