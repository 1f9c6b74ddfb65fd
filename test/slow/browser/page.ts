import * as tf from "@tensorflow/tfjs";
import { compile, load, type Row, type RunFiles } from "mtlc/browser";
import * as ort from "onnxruntime-web";
import * as kinds from "./every-kind.ts";
import * as penguins from "./penguins.ts";
import { predict as predictByModule } from "./penguins-module.mjs";

/** Runs in the browser: everything that the library promises there. What came out goes back to the server that the page is from. */

/** One of the networks that wait beside the page. */
interface Example {
  readonly name: string;
  readonly rows: readonly never[];
  readonly columns: readonly Row[];
}

async function text(path: string): Promise<string> {
  return (await fetch(path)).text();
}

async function bytes(path: string): Promise<ArrayBuffer> {
  return (await fetch(path)).arrayBuffer();
}

async function byTensorflow({ name, columns }: Example, backend: string): Promise<unknown> {
  await tf.setBackend(backend);
  const folder = `/runs/${encodeURIComponent(name)}`;
  const files: RunFiles = {
    "model.mtl": await text(`${folder}/model.mtl`),
    "codes.json": await text(`${folder}/codes.json`),
    "model.safetensors": await bytes(`${folder}/model.safetensors`),
  };
  const run = await load(files, { tf });
  const answers = await run.predict(columns);
  await run.close();
  return answers;
}

async function byOnnxruntime({ name, rows }: Example): Promise<unknown> {
  const graph = new Uint8Array(await bytes(`/runs/${encodeURIComponent(name)}/graph.onnx`));
  if (name === "penguins") {
    const { predict, close } = await penguins.open(ort, graph);
    return predict(rows).finally(close);
  }
  const { predict, close } = await kinds.open(ort, graph);
  return predict(rows).finally(close);
}

async function results() {
  ort.env.wasm.wasmPaths = `${location.origin}/ort/`;
  ort.env.wasm.numThreads = 1;
  const examples: readonly Example[] = JSON.parse(await text("/examples.json"));
  const answers: Record<string, Record<string, unknown>> = {};
  for (const example of examples) {
    answers[example.name] = {
      tfjs: await byTensorflow(example, "cpu"),
      webgl: await byTensorflow(example, "webgl"),
      onnxruntime: await byOnnxruntime(example),
      ...(example.name === "penguins" && { module: await predictByModule(example.rows) }),
    };
  }
  const source = await text("/runs/penguins/model.mtl");
  const broken = compile(source.replace("dense(32)", "dence(32)"), { file: "broken.mtl" });
  const imported = compile(
    'import { body } from "./parts.mtl"\n' + source.replace("bird -> dense", "bird -> body -> dense"),
    {
      read: (path) => (path === "./parts.mtl" ? "layer body = dense(4)\n" : null),
    },
  );
  const { process: node } = globalThis as { process?: unknown };
  return {
    node: typeof node,
    sound: compile(source).model?.name,
    imported: imported.diagnostics,
    broken: broken.diagnostics.map(({ code, message, span, fixes }) => ({ code, message, start: span?.start, fixes })),
    answers,
  };
}

const outcome = await results().catch((problem: unknown) => ({
  problem: problem instanceof Error ? `${problem.message}\n${problem.stack}` : String(problem),
}));
await fetch("/outcome", { method: "POST", body: JSON.stringify(outcome) });
