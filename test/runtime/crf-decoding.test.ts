import { afterAll, describe, expect, it } from "vitest";
import { createBuilder } from "../../compiler/graph/create.ts";
import { bestPath, logMarginals } from "../../compiler/losses/crf-paths.ts";
import { crf } from "../../compiler/losses/crf.ts";
import { randomStream } from "../../compiler/random/index.ts";
import { openEngine } from "../../runtime/engines/index.ts";
import { runGraph } from "./run-graph.ts";

/** Paths chosen in 32 bits on an engine against those chosen in 64 on the host: long sequences, scores that lie far apart. */
const [batch, length, classes] = [6, 60, 5];
const lengths = [60, 41, 2, 1, 0, 60];
const random = randomStream(11, "paths");
const normals = (count: number, scale: number): number[] =>
  Array.from({ length: count }, () => scale * Math.fround(random.normal()));
const emissions = normals(batch * length * classes, 4);
const own = { transitions: normals(classes * classes, 6), start: normals(classes, 6), end: normals(classes, 6) };

function decodingGraph() {
  const g = createBuilder();
  const f32 = (name: string, ...shape: number[]) => g.input(name, { element: "f32", shape });
  const transitions = f32("transitions", classes, classes);
  const parameters = { transitions, start: f32("start", classes), end: f32("end", classes) };
  const prediction = f32("prediction", batch, length, classes);
  const { codes, probabilities } = crf.decoding!(g, { prediction, mask: f32("mask", batch, length), parameters });
  return g.finish({ codes: g.cast(codes, "f32"), probabilities });
}

describe.each(["onnx", "tfjs"])("%s", async (name) => {
  const engine = await openEngine({ engine: name });
  afterAll(() => engine.close());

  it("chooses the best paths", async () => {
    const mask = lengths.flatMap((real) => Array.from({ length }, (_, at) => (at < real ? 1 : 0)));
    const given = { prediction: emissions, mask, ...own };
    const values = Object.fromEntries(Object.entries(given).map(([key, list]) => [key, Float64Array.from(list)]));
    const found = await runGraph(engine, decodingGraph(), values);
    let alone = 0;
    lengths.forEach((real, row) => {
      const from = row * length;
      const scores = { emissions: emissions.slice(from * classes, (from + real) * classes), classes, ...own };
      const path = [...bestPath(scores)];
      expect(found.codes.slice(from, from + real), `row ${row}`).toEqual(path);
      logMarginals(scores).forEach((logarithm, k) => {
        const off = Math.abs(found.probabilities[from * classes + k] - Math.exp(logarithm));
        expect(off, `row ${row}, ${k}`).toBeLessThanOrEqual(1e-5);
      });
      const at = (place: number) => scores.emissions.slice(place * classes, (place + 1) * classes);
      alone += path.filter((label, place) => at(place)[label] < Math.max(...at(place))).length;
    });
    // Labels chosen each by itself would be others.
    expect(alone).toBeGreaterThan(50);
  });
});
