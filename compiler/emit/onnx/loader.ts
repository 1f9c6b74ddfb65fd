import type { Cell } from "../../ir/model.ts";
import { emptyMarks } from "../../words/cells.ts";
import { answer, answerSupport, answerType, labelTable, resultsOf, type LoaderTask } from "./loader-answers.ts";
import {
  codeTable,
  feed,
  inputSupport,
  inputType,
  tensorFunctions,
  tensorTypes,
  tokensOfRows,
  type LoaderInput,
} from "./loader-inputs.ts";
import { property } from "./loader-names.ts";
import { watching } from "./loader-warnings.ts";

/**
 * The TypeScript that is written beside an exported graph: a function from rows to answers, typed by the model's inputs and
 * tasks, over onnxruntime-node or onnxruntime-web. Not laid out yet: a formatter does that. `mtlc` in it stands for the
 * functions of `src/loader.ts`, whose text is put behind it.
 */
export type { LoaderInput, LoaderTask };

export interface LoaderSetting {
  readonly model: string;
  readonly version: string;
  /** Name of the graph's file. */
  readonly file: string;
  readonly batch: number;
  /** Cells that are read as empty. */
  readonly missing: readonly Cell[];
  readonly inputs: readonly LoaderInput[];
  readonly tasks: readonly LoaderTask[];
}

export function loaderText({ model, version, file, batch, missing, inputs, tasks }: LoaderSetting): string {
  const watch = watching(inputs);
  const { types, functions } = answerSupport(tasks);
  return `/**
 * Predictions of ${model}, by ${file}. Written by mtlc ${version}; compile again instead of changing it.
 *
 *   npm install onnxruntime-node
 *
 *   import * as ort from "onnxruntime-node"; // in a browser "onnxruntime-web"
 *   import { open } from "./${file}.ts";
 *   const { predict } = await open(ort, "${file}");
 *   const answers = await predict(row); // of several rows: a list of theirs
 */

/** One example: what its columns hold, in their own units. */
export interface Row {
${inputs.map((input) => member(input.doc, input.name, inputType(input))).join("\n")}
}

/** What the network says of one example. */
export interface Answers {
${tasks.map((task) => member(documented(task), task.name, answerType(task))).join("\n")}
}

${types.join("\n")}
/** What is used of onnxruntime: the module itself fits. */
export interface Runtime {
  readonly InferenceSession: { create(path: string): Promise<Session>; create(bytes: Uint8Array): Promise<Session> };
  readonly Tensor: {
${tensorTypes(inputs).join("\n")}
  };
}
interface Session {
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}
interface Tensor {
  readonly data: unknown;
}

/** The graph takes this many rows at once; fewer are padded. */
const BATCH = ${batch};

${marksTable(missing)}${inputs.flatMap(codeTable).join("")}${tasks.flatMap(labelTable).join("")}${watch.options}/** Opens the graph: its path or address, or its bytes. */
export async function open(ort: Runtime, model: string | Uint8Array${watch.option}) {
  const session = await (typeof model === "string" ? ort.InferenceSession.create(model) : ort.InferenceSession.create(model));
  let closed = false;
${watch.opened}

  ${tensorFunctions(inputs).join("\n")}

  /** \`first\`: the number of the first of these rows. */
  async function predictBatch(rows: readonly Row[], first: number${watch.parameter}): Promise<Answers[]> {
${inputs.flatMap(tokensOfRows).join("\n")}
    const results = await session.run({
${inputs.map((input) => `${property(input.name)}: ${feed(input)},`).join("\n")}
    });
${tasks.flatMap(resultsOf).join("\n")}
    return rows.map((_, index) => ({
${tasks.map((task) => `${property(task.name)}: ${answer(task, inputs)},`).join("\n")}
    }));
  }

  /** Answers one row, or each of several in order. */
  function predict(row: Row): Promise<Answers>;
  function predict(rows: readonly Row[]): Promise<Answers[]>;
  async function predict(rows: Row | readonly Row[]): Promise<Answers | Answers[]> {
    if (closed) throw new Error("predict came after close(): open the graph anew");
    if (!isList(rows)) return at(await predictAll([rows]), 0);
    return predictAll(rows);
  }

  async function predictAll(rows: readonly Row[]): Promise<Answers[]> {
    check(rows);
    ${watch.start}
    const answers: Answers[] = [];
    for (let from = 0; from < rows.length; from += BATCH) answers.push(...(await predictBatch(rows.slice(from, from + BATCH), from + 1${watch.argument})));
    ${watch.end}
    return answers;
  }
${watch.telling}

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    await session.release();
  }

  return { predict, close };
}

function isList(rows: Row | readonly Row[]): rows is readonly Row[] {
  return Array.isArray(rows);
}

/** Callers without types may leave something out. */
function check(rows: readonly Row[]): void {
  const names = [${inputs.map(({ name }) => JSON.stringify(name)).join(", ")}] as const;
  rows.forEach((row, index) => {
    if (typeof row !== "object" || row === null) throw new Error(\`row \${index + 1} is no object\`);
    for (const name of names) if (row[name] === undefined) throw new Error(\`row \${index + 1} has no \${name}\`);
  });
}

const OTHER_GRAPH = "the graph is another one than this file was written for";

${[...inputSupport(inputs, missing), ...watch.functions, ...functions].join("\n")}`;
}

function marksTable(missing: readonly Cell[]): string {
  return missing.length === 0
    ? ""
    : `/** Cells that are read as empty. */\nconst EMPTY: ReadonlySet<number | string> = new Set<number | string>(${JSON.stringify([...emptyMarks(missing)])});\n\n`;
}

function member(doc: string | undefined, name: string, type: string): string {
  const comment = doc === undefined ? "" : `/** ${doc.replaceAll("*/", "* /").replaceAll("\n", " ")} */\n`;
  return `${comment}readonly ${property(name)}: ${type};`;
}

function documented({ doc, unit }: LoaderTask): string | undefined {
  const measure = unit === null ? undefined : `In ${unit}.`;
  return doc === undefined ? measure : measure === undefined ? doc : `${doc} ${measure}`;
}
