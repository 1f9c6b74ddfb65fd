import { describe, expect, test } from "vitest";
import type { Trained } from "./small-training.ts";
import { expectClose, rows, run } from "./stepping-birds.ts";

/** What rules keep between steps and epochs, and how long `scale` makes them, against numbers worked out here. */

describe("balance", () => {
  const factors = ({ steps }: Trained, task: string): (number | null)[] =>
    steps.map(({ weights }) => weights[task] ?? null);
  /** size is absent from the second and the third batch of four. */
  const holes = rows((columns) => columns.size.fill(null, 8, 24));
  const four = "optimizer: sgd(rate: 1e-30), batch: 8";

  test("scale: mean divides by the present tasks, sum by nothing, paper leaves the formula", async () => {
    const weights = async (balance: string) =>
      (await run(`balance: ${balance}, ${four}, steps: 2`, "", holes)).steps.map((step) => step.weights);
    expect(await weights("static")).toEqual([
      { mass: 1, size: 0.5, sex: 1 },
      { mass: 1, sex: 1 },
    ]);
    const [all, some] = await weights("static(scale: mean)");
    expectClose(Object.values(all), [1 / 3, 0.5 / 3, 1 / 3], "all three");
    expect(some).toEqual({ mass: 0.5, sex: 0.5 });
    expect(await weights("uncertainty")).toEqual([
      { mass: 0.5, size: 0.25, sex: 0.5 },
      { mass: 0.5, sex: 0.5 },
    ]);
    expect(await weights("uncertainty(scale: sum)")).toEqual([
      { mass: 1, size: 0.5, sex: 1 },
      { mass: 1, sex: 1 },
    ]);
    // Of a list the last stage's scale alone counts.
    expect(await weights("[uncertainty(scale: mean), static(scale: sum)]")).toEqual(await weights("uncertainty"));
  });

  test("smoothing mixes with a task's own last weight; an absent task keeps its", async () => {
    const plain = await run(`balance: random(scale: paper), ${four}, steps: 8`, "", holes);
    const smooth = await run(`balance: random(scale: paper, smoothing: 0.75), ${four}, steps: 8`, "", holes);
    for (const [task, written] of [
      ["mass", 1],
      ["size", 0.5],
      ["sex", 1],
    ] as const) {
      let kept: number | null = null;
      factors(plain, task).forEach((fresh, step) => {
        const got = factors(smooth, task)[step];
        if (fresh === null) return expect(got).toBeNull();
        const weight = fresh / written;
        kept = kept === null ? weight : 0.75 * kept + 0.25 * weight;
        expectClose([got ?? NaN], [written * kept], `${task} in step ${step + 1}`);
      });
    }
  });

  test.each(["random(scale: paper, every: 3)", "pcgrad(scale: paper, every: 3)"])(
    "%s keeps its weights between two solutions; who was not there then counts 1",
    async (balance) => {
      // Batches 1 to 4 in turn: solutions in steps 1, 4, 7 and 10; size is there in steps 1, 4, 5, 8, 9, 12.
      const solved = await run(`balance: ${balance.replace(", every: 3", "")}, ${four}, steps: 12`, "", holes);
      const sparse = await run(`balance: ${balance}, ${four}, steps: 12`, "", holes);
      const absentAtSolution = await run(
        `balance: ${balance}, ${four}, steps: 12`,
        "",
        rows((columns) => columns.size.fill(null, 0, 16)),
      );
      const at = (result: Trained, task: string, step: number): number | null => factors(result, task)[step - 1];
      for (const task of ["mass", "sex"]) {
        for (const step of [1, 4, 7, 10]) {
          expectClose([at(sparse, task, step)!], [at(solved, task, step)!], `${task} ${step}`);
          for (const later of [step + 1, step + 2])
            expect(at(sparse, task, later), `${task} ${later}`).toBe(at(sparse, task, step));
        }
      }
      expect(at(sparse, "size", 2)).toBeNull();
      expect(at(sparse, "size", 5)).toBe(at(sparse, "size", 4));
      // Step 7 has the third batch, without size: what was solved in step 4 is over.
      expect(at(sparse, "size", 7)).toBeNull();
      expect(at(sparse, "size", 8)).toBe(0.5);
      expect(at(sparse, "size", 9)).toBe(0.5);
      expect(at(absentAtSolution, "size", 3)).toBe(0.5);
    },
  );

  test("dwa weighs by the last two epochs' mean losses as it sees them", async () => {
    const softmax = (ratios: readonly number[]): number[] => {
      const powers = ratios.map((ratio) => Math.exp(ratio / 2));
      const total = powers.reduce((a, b) => a + b);
      return powers.map((power) => (ratios.length * power) / total);
    };
    const tasks = ["mass", "size", "sex"];
    for (const before of ["", "uncertainty(rate: 0.5), "]) {
      const { steps, epochs } = await run(
        `balance: [${before}dwa(temperature: 2)], optimizer: sgd(rate: 0.1), epochs: 3, batch: 16`,
      );
      // Losses as dwa sees them: written weight, and what the stage before made of it.
      const first = (weights: Readonly<Record<string, number>>, task: string): number => weights[task];
      const means = [0, 1].map((epoch) =>
        tasks.map((task) => {
          const seen = steps
            .slice(2 * epoch, 2 * epoch + 2)
            .map(({ losses, weights }) => losses[task] * first(weights, task));
          return (seen[0] + seen[1]) / 2;
        }),
      );
      const expected = softmax(means[1].map((mean, k) => mean / means[0][k]));
      const stage = before === "" ? tasks.map((task) => (task === "size" ? 0.5 : 1)) : null;
      expect(epochs.length).toBe(3);
      if (stage)
        expectClose(
          tasks.map((task) => steps[4].weights[task]),
          expected.map((w, k) => w * stage[k]),
          "third epoch",
          1e-5,
        );
      else {
        // Uncertainty's own factor of step 5 follows from its s, which the snapshot before it holds.
        const two = await run(
          `balance: [${before}dwa(temperature: 2)], optimizer: sgd(rate: 0.1), epochs: 2, batch: 16`,
        );
        const s = two.snapshot.tensors.get("parameter/balance/uncertainty/s")!.data;
        const own = tasks.map((task, k) => (task === "size" ? 0.5 : 1) * 0.5 * Math.exp(-s[k]));
        expectClose(
          tasks.map((task) => steps[4].weights[task]),
          expected.map((w, k) => w * own[k]),
          "third epoch",
          1e-5,
        );
      }
    }
  });

  test("uncertainty's scalars learn by their own gradient: no decay, outside clipping, at their own rate", async () => {
    const tasks = ["mass", "size", "sex"];
    const { steps, snapshot } = await run(
      "balance: uncertainty(rate: 0.25), optimizer: sgd(rate: 0.01, momentum: 0.5, weight_decay: 0.5), clip: norm(0.001), schedule: linear, steps: 5",
    );
    const s = [0, 0, 0];
    const velocity = [0, 0, 0];
    steps.forEach(({ losses, weights }, k) => {
      tasks.forEach((task, i) => {
        const written = task === "size" ? 0.5 : 1;
        expectClose([weights[task]], [written * 0.5 * Math.exp(-s[i])], `${task} in step ${k + 1}`, 1e-6);
        const slope = 0.5 - 0.5 * Math.exp(-s[i]) * written * losses[task];
        velocity[i] = 0.5 * velocity[i] + slope;
        s[i] -= 0.25 * (1 - k / 5) * velocity[i];
      });
    });
    expectClose(snapshot.tensors.get("parameter/balance/uncertainty/s")!.data, s, "s", 1e-6);
  });

  test("a rule that stands twice in a list has two states", async () => {
    const { snapshot, steps } = await run("balance: [uncertainty, uncertainty], optimizer: sgd(rate: 0.1), steps: 3");
    const scalars = [...snapshot.tensors.keys()].filter((name) => name.startsWith("parameter/balance/"));
    expect(scalars).toEqual(["parameter/balance/uncertainty/s", "parameter/balance/uncertainty#2/s"]);
    expect(steps[0].weights.mass).toBe(0.25);
  });
});
