import { describe, expect, it } from "vitest";
import { catalogue } from "../../compiler/diagnostics/catalogue.ts";
import { explain, topics } from "../../compiler/explain.ts";
import { elsewhere } from "../../compiler/words/elsewhere.ts";
import { settingAliases } from "../../compiler/words/setting-aliases.ts";

describe("the manual", () => {
  it("explains a diagnostic by code and by name", () => {
    const text = `MTL3004 wrong-kind (error)

Every setting has a kind: a number, a whole number, true or false, a word of a table, a list. A
setting of the wrong kind has no meaning.

Instead of

  train { epochs: "ten" }

write

  train { epochs: 10 }
`;
    expect(explain("MTL3004")).toBe(text);
    expect(explain("mtl3004")).toBe(text);
    expect(explain("wrong-kind")).toBe(text);
  });
  it("explains a word with its settings, kinds, ranges and defaults", () => {
    expect(explain("ema")).toBe(`ema: an average

An exponential moving average of the weights, a ← δa + (1 - δ)p after every step; evaluation,
the best model and export use it. Running statistics of norms are copied.

Settings
  decay: a number, 0 or more and below 1; default 0.999; its name may be left out
      δ, how slowly it follows.
  ramp: \`true\` or \`false\`; default false
      Begins with a smaller δ: min(decay, (1 + k) / (10 + k)) at step k.
`);
  });
  it("has every entry of a word that stands in several tables", () => {
    expect(explain("l2")?.match(/^l2: .*/gm)).toEqual(["l2: a penalty", "l2: a tie"]);
    expect(explain("train")).toMatch(/^train: a declaration\n/);
  });
  it("says what cannot be trained yet, and names the paper", () => {
    expect(explain("trace")).toContain("It can be checked and described, and cannot be trained yet.");
    expect(explain("ema")).not.toContain("yet");
    expect(explain("uncertainty")).toContain("Source: ");
  });
  it("finds keys and settings that are no words themselves", () => {
    expect(explain("epochs")).toBe(
      "epochs: a key of `train`\n  epochs: a whole number, 0 or more; default 10\n      Passes over the training rows. Or write `steps`.\n",
    );
    expect(explain("patience")).toBe(
      "patience: a setting of `plateau`\n  patience: a whole number, 1 or more; default 5\n      Epochs without improvement before a drop.\n\n" +
        "patience: a setting of `early`\n  patience: a whole number, 1 or more; default 3\n      Epochs without an improvement before it stops.\n\n" +
        "`patience` in `train`: patience is that of early stopping: `stop: early(patience: 5)`.\n",
    );
    expect(explain("on")).toContain("on: a path such as `validation.loss`; default validation.loss\n");
  });
  it("knows what other libraries call a thing", () => {
    expect(explain("Linear")).toMatch(/^`Linear` is called `dense` here\.\n\ndense: a layer\n/);
    expect(explain("Dense")).toMatch(/^`Dense` is called `dense` here\.\n/);
  });
  it("knows what other libraries call a setting, and what they set that is said elsewhere here", () => {
    expect(explain("kernel_size")).toMatch(/^`kernel_size` is called `kernel` here\.\n\nkernel: a setting of `conv2d`/);
    expect(explain("units")).toContain("`units` is called `width` here.\n\nwidth: a setting of ");
    expect(explain("n-epochs")).toMatch(/^`n-epochs` is called `epochs` here\.\n\nepochs: a key of `train`\n/);
    expect(explain("learning_rate")).toMatch(
      /^`learning_rate` in `task`: .*\n.*\n\n`learning_rate` in `train`: the learning rate is the optimizer's: `optimizer: adam\(rate: 1e-3\)`\.\n\n`learning_rate` is called `rate` here\.\n\nrate: a setting of `/,
    );
    expect(explain("return_sequences")).toContain("gives every step by itself, and\nthe last one with `return: last`");
    expect(explain("num_embeddings")).toBe(
      "`num_embeddings` in `embed`: how many codes there are is known from the input: `embed(16)` is\nenough.\n",
    );
  });
  it("leaves modules away, and knows what puts layers one after another", () => {
    expect(explain("nn.Linear")).toMatch(/^`Linear` is called `dense` here\.\n/);
    expect(explain("torch.optim.Adam")).toMatch(/^`Adam` is called `adam` here\.\n/);
    expect(explain("Sequential")).toBe(
      "`Sequential` is no word here: layers follow one another by `->`, as in `x -> dense(32) -> relu`.\n",
    );
  });
  it("answers every foreign setting that it has a sentence for, and every other name of ours", () => {
    for (const { names } of elsewhere) for (const name of names) expect(explain(name), name).not.toBeNull();
    for (const names of Object.values(settingAliases))
      for (const name of names) expect(explain(name), name).not.toBeNull();
  });
  it("has nothing to say of anything else", () => {
    expect(explain("banana")).toBeNull();
    expect(explain("MTL9999")).toBeNull();
    expect(explain("")).toBeNull();
  });
  it("has an entry for every topic", () => {
    expect(topics().length).toBeGreaterThan(150);
    for (const topic of topics()) {
      const text = explain(topic);
      expect(text, topic).not.toBeNull();
      expect(text, topic).not.toMatch(/: undefined|default undefined|\[object/);
    }
    expect(topics()).toEqual(expect.arrayContaining(catalogue.map((row) => row.code)));
  });
});
