import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Input, Task } from "../../compiler/ir/model.ts";
import { bindData } from "../../runtime/data/bind.ts";
import type { BoundData } from "../../runtime/data/data.ts";
import { failures, folder, input, model, section, source, task } from "./data-fixtures.ts";

/** Binding rows that a test writes out, in a folder of the test's own. */

export const json = (name: string) => source("json", { path: name });
export const names = (...list: string[]) => ({ kind: "names" as const, names: list });
export const x = input("x", "f32");
export const y = task("y", { word: "real" });

export interface Rows {
  readonly train: readonly object[];
  readonly validation?: readonly object[];
  readonly test?: readonly object[];
}
type Bind = (
  inputs: readonly Input[],
  tasks: readonly Task[],
  rows: Rows,
  warnings?: Diagnostic[],
) => Promise<BoundData>;

/** Call once in a test file. `messages` are those that a binding fails with. */
export function binding(): ReturnType<typeof folder> & {
  bind: Bind;
  messages: (...call: Parameters<Bind>) => Promise<readonly string[]>;
} {
  const { path, write } = folder();
  const bind: Bind = (inputs, tasks, { train, validation, test }, warnings = []) => {
    write("train.json", JSON.stringify(train));
    if (validation !== undefined) write("validation.json", JSON.stringify(validation));
    if (test !== undefined) write("test.json", JSON.stringify(test));
    const data = section({
      train: json("train.json"),
      ...(validation === undefined ? {} : { validation: json("validation.json") }),
      ...(test === undefined ? {} : { test: json("test.json") }),
    });
    return bindData(model(inputs, tasks, [data]), {
      folder: path,
      seed: 1,
      onWarning: (warning) => warnings.push(warning),
    });
  };
  const messages = async (...call: Parameters<Bind>) =>
    (await failures(() => bind(...call))).map(({ message }) => message);
  return { path, write, bind, messages };
}
