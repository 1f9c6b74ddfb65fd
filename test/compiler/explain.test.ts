import { describe, expect, it } from "vitest";
import { catalogue } from "../../compiler/diagnostics/catalogue.ts";
import { explain, topics } from "../../compiler/explain.ts";

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
    expect(explain("patience")).toContain("patience: a setting of ");
  });
  it("knows what other libraries call a thing", () => {
    expect(explain("Linear")).toMatch(/^`Linear` is called `dense` here\.\n\ndense: a layer\n/);
    expect(explain("Dense")).toMatch(/^`Dense` is called `dense` here\.\n/);
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
