import { diagnostic } from "./diagnostic.ts";

/** MTL86xx: run folders and the files in them. */
export const runs = {
  notARun: diagnostic<{ folder: string; problem: string }>({
    code: "MTL8601",
    name: "not-a-run",
    severity: "error",
    message: ({ folder, problem }) => `\`${folder}\` is no run folder: ${problem}`,
    why: "A run folder is what `mtlc train` writes: `model.mtl`, `model.safetensors`, `codes.json`, `state.safetensors`, `run.json` and `history.jsonl`. Commands that take a run read all that they need from it.",
    bad: "mtlc evaluate runs",
    good: "mtlc evaluate runs/penguins-1",
    wrap: "run",
  }),
  brokenFile: diagnostic<{ file: string; problem: string }>({
    code: "MTL8602",
    name: "broken-run-file",
    severity: "error",
    message: ({ file, problem }) => `\`${file}\` cannot be used: ${problem}`,
    why: "Files of a run are read with every bound checked. One that was cut off, changed by hand or made by something else is refused whole, so that no wrong number comes out of it.",
    bad: "a model.safetensors of which the last half is lost",
    good: "the file as it was written",
    wrap: "run",
  }),
  otherModel: diagnostic<{ file: string; tensor: string; found: string; wanted: string }>({
    code: "MTL8603",
    name: "weights-of-another-model",
    severity: "error",
    message: ({ file, tensor, found, wanted }) =>
      `\`${file}\` does not fit the model: it holds \`${tensor}\` as ${found}, the model has ${wanted}`,
    why: "Weights are found by name, and each must have the shape that the model gives it. The run's own `model.mtl` must be the file that the weights were trained with.",
    bad: "a run folder whose model.mtl was edited after training",
    good: "a run folder as it was written",
    wrap: "run",
  }),
  cannotWrite: diagnostic<{ file: string; problem: string }>({
    code: "MTL8604",
    name: "cannot-write",
    severity: "error",
    message: ({ file, problem }) => `\`${file}\` cannot be written: ${problem}`,
    why: "Files of a run are written under another name first and renamed when they are whole, so what stood there before is still there.",
    bad: "mtlc train penguins.mtl --run /read-only/place",
    good: "mtlc train penguins.mtl --run runs/today",
    wrap: "run",
  }),
  folderTaken: diagnostic<{ folder: string }>({
    code: "MTL8605",
    name: "folder-taken",
    severity: "error",
    message: ({ folder }) => `\`${folder}\` exists and is not empty`,
    why: "A new run never writes over what is there. `--resume` goes on with a run that was interrupted.",
    bad: "mtlc train penguins.mtl --run runs/penguins-1",
    good: "mtlc train penguins.mtl --run runs/penguins-2",
    wrap: "run",
  }),
};
