import { describe, expect, it } from "vitest";
import { fillUniform, normalQuantile, permutation, portableLog, randomStream } from "../../compiler/random/index.ts";
import { keyOf, threefry } from "../../compiler/random/threefry.ts";

const N = 1 << 18;
const uniform = (name: string, step = 0, seed = 1): Float32Array => {
  const into = new Float32Array(N);
  fillUniform(seed, name, step, into);
  return into;
};
/** Correlation of two samples of uniform numbers, in standard errors of independent ones. */
function correlation(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - 0.5) * (b[i] - 0.5);
  return (sum / a.length) * 12 * Math.sqrt(a.length);
}

describe("threefry", () => {
  // Published test vectors of the Random123 library.
  const known = [
    { key: [0, 0], counter: [0, 0], words: [0x6b200159, 0x99ba4efe] },
    { key: [-1, -1], counter: [-1, -1], words: [0x1cb996fc, 0xbb002be7] },
    { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], words: [0xc4923a9c, 0x483df7a0] },
  ];
  it.each(known)("gives the published words for key $key", ({ key, counter, words }) => {
    const got = new Uint32Array(2);
    threefry([key[0], key[1]], counter[0], counter[1], got);
    expect([...got]).toEqual(words);
  });

  it("gives names keys of their own", () => {
    const names = ["", "a", "b", "ab", "ba", "a\0", "dropout/1/2", "dropout/12/", "dropout/1/23", "init/trunk.dense_1"];
    const keys = names.flatMap((name) => [0, 1, 2 ** 32].map((seed) => keyOf(seed, name).join()));
    expect(new Set(keys).size).toBe(3 * names.length);
  });
});

describe("uniform numbers", () => {
  it("have the mean and variance of U(0, 1) and stay inside", () => {
    const x = uniform("dropout/trunk.dropout_1");
    const mean = x.reduce((sum, v) => sum + v, 0) / N;
    const variance = x.reduce((sum, v) => sum + (v - 0.5) ** 2, 0) / N;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / N));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / N));
    expect(x.every((v) => v >= 0 && v < 1)).toBe(true);
  });

  it("fill 256 boxes evenly (chi-square)", () => {
    const boxes = new Float64Array(256);
    for (const v of uniform("boxes")) boxes[Math.floor(v * 256)]++;
    const chi = boxes.reduce((sum, n) => sum + (n - N / 256) ** 2 / (N / 256), 0);
    expect(Math.abs(chi - 255)).toBeLessThan(4 * Math.sqrt(2 * 255));
  });

  it("fill pairs of boxes evenly: one number says nothing of the next", () => {
    const boxes = new Float64Array(1024);
    const x = uniform("pairs");
    for (let i = 0; i < N; i += 2) boxes[Math.floor(x[i] * 32) * 32 + Math.floor(x[i + 1] * 32)]++;
    const each = N / 2 / 1024;
    const chi = boxes.reduce((sum, n) => sum + (n - each) ** 2 / each, 0);
    expect(Math.abs(chi - 1023)).toBeLessThan(4 * Math.sqrt(2 * 1023));
  });

  it("set each of their 24 bits half of the time", () => {
    const x = uniform("bits");
    for (let bit = 0; bit < 24; bit++) {
      let ones = 0;
      for (const v of x) ones += ((v * 2 ** 24) >>> bit) & 1;
      expect(Math.abs(ones - N / 2)).toBeLessThan(4.5 * Math.sqrt(N / 4));
    }
  });

  it("do not follow neighbouring names, steps, seeds or positions", () => {
    const x = uniform("dropout/a/1", 7);
    const neighbours = [uniform("dropout/a/2", 7), uniform("dropout/b/1", 7), uniform("dropout/a/1", 8)];
    neighbours.push(uniform("dropout/a/1", 7, 2));
    for (const y of neighbours) expect(Math.abs(correlation(x, y))).toBeLessThan(4);
    for (const lag of [1, 2, 3, 64, 1000]) {
      expect(Math.abs(correlation(x.subarray(0, N - lag), x.subarray(lag)))).toBeLessThan(4);
    }
  });

  it("are the same filled in pieces, and read one by one at step 0", () => {
    const whole = uniform("dropout/c").subarray(0, 10_001);
    const parts = new Float32Array(10_001);
    let from = 0;
    for (const length of [1, 2, 4096, 4097, 1805]) {
      fillUniform(1, "dropout/c", 0, parts.subarray(from, from + length), from);
      from += length;
    }
    expect(from).toBe(10_001);
    expect(parts).toEqual(whole);
    const stream = randomStream(1, "dropout/c");
    for (let i = 0; i < 200; i++) expect(Math.abs(stream.uniform() - whole[i])).toBeLessThan(2 ** -24);
  });
});

describe("streams", () => {
  it("go on where they were saved", () => {
    const a = randomStream(3, "balance");
    for (let i = 0; i < 77; i++) a.normal();
    a.below(10);
    const b = randomStream(3, "balance");
    b.seek(a.save());
    const numbers = (s: typeof a) => Array.from({ length: 200 }, () => s.uniform());
    expect(numbers(b)).toEqual(numbers(a));

    const whole = numbers(randomStream(3, "balance"));
    for (let position = 0; position < 199; position++) {
      b.seek(position);
      expect([b.save(), b.uniform(), b.save()]).toEqual([position, whole[position], position + 1]);
    }
  });

  it("are the same numbers today and tomorrow", () => {
    // From an implementation in another language: a change of these numbers changes every start value and every order of rows.
    const stream = randomStream(7, "init/trunk.dense_1/kernel");
    expect([stream.below(1000), stream.below(1000), stream.below(1000), stream.below(1000)]).toEqual([
      779, 279, 506, 303,
    ]);
  });

  it("draw normal numbers with mean 0, variance 1, skewness 0 and kurtosis 3", () => {
    const stream = randomStream(5, "init/x");
    const moments = [0, 0, 0, 0, 0];
    for (let i = 0; i < N; i++) {
      const z = stream.normal();
      for (let k = 1; k <= 4; k++) moments[k] += z ** k / N;
    }
    // Variances of the sample moments of a standard normal number: 1, 2, 15, 96.
    expect(Math.abs(moments[1])).toBeLessThan(4 * Math.sqrt(1 / N));
    expect(Math.abs(moments[2] - 1)).toBeLessThan(4 * Math.sqrt(2 / N));
    expect(Math.abs(moments[3])).toBeLessThan(4 * Math.sqrt(15 / N));
    expect(Math.abs(moments[4] - 3)).toBeLessThan(4 * Math.sqrt(96 / N));
  });

  it("choose whole numbers evenly and in range", () => {
    const stream = randomStream(11, "data/train");
    const counts = new Float64Array(7);
    for (let i = 0; i < 70_000; i++) counts[stream.below(7)]++;
    const chi = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0);
    expect(chi).toBeLessThan(6 + 4 * Math.sqrt(12));
  });

  it("order things in every way equally often", () => {
    const stream = randomStream(2, "balance");
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = permutation(stream, 4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chi = [...counts.values()].reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(23 + 4 * Math.sqrt(46));
  });
});

describe("the normal distribution", () => {
  it("has the published quantiles", () => {
    const table = [
      [0.5, 0],
      [0.75, 0.6744897501960817],
      [0.975, 1.959963984540054],
      [0.999, 3.090232306167813],
      [0.02275013194817921, -2],
      [2.866515718791939e-7, -5],
      [9.865876450376946e-10, -6],
      [6.220960574271785e-16, -8],
    ];
    for (const [p, z] of table) expect(Math.abs(normalQuantile(p) - z)).toBeLessThan(1e-13 * Math.max(1, Math.abs(z)));
  });

  it("stands on a logarithm as good as the platform's", () => {
    for (let x = 1e-12; x < 1e12; x *= 1.37) {
      expect(Math.abs(portableLog(x) - Math.log(x))).toBeLessThan(4e-16 * Math.max(1, Math.abs(Math.log(x))));
    }
  });
});
