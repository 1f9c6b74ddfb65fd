import { describe, expect, it } from "vitest";
import { compile } from "../../compiler/compile.ts";

/** Keys of `train` that are set from outside: what is said of a path that leads to none. */

const program = (train: string): string => `model A
input x: f32
task y: real { head: x -> dense }
${train}
data { train: csv("a.csv") }
`;

function said(set: string, train = "train { optimizer: sgd(rate: 0.1) }"): string | undefined {
  const [first] = compile(program(train), { overrides: [{ text: set, file: "--set" }] }).diagnostics;
  return `${first.code} ${first.help}`;
}

describe("--set", () => {
  it.each([
    ["train.optimizer.rate=0.5", 'MTL8502 a key is set whole: `--set "train.optimizer=sgd(rate: 0.5)"`'],
    ["train.stop.patience=3", 'MTL8502 a key is set whole: `--set "train.stop=early(patience: 3)"`'],
    ["train.finish.epochs=3", "MTL8502 its `train` section has no name: write `train.KEY=VALUE`"],
    ["train.epochs:3", "MTL8501 write `train.epochs=3`"],
    ["epochs=3", "MTL8501 write `train.epochs=3`"],
    ['data.train=csv("b.csv")', "MTL8501 only keys of `train` are set so: change the file itself"],
  ])("%s", (set, help) => expect(said(set)).toBe(help));

  it("names the phases that there are", () => {
    const phases = "train warm { epochs: 1 }\ntrain finish { epochs: 2 }";
    expect(said("train.finsh.epochs=3", phases)).toBe("MTL8502 did you mean `finish`?");
    expect(said("train.cool.epochs=3", phases)).toBe("MTL8502 there are `warm`, `finish`");
  });
});
