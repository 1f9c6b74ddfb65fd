import type { TaskKind, Type } from "../../compiler/ir/model.ts";
import { addSizes, unknownSize, type Size } from "../../compiler/ir/size.ts";
import { registry } from "../../compiler/registry/index.ts";
import { answerCell, array, labels, round, words, type Cell } from "./cells.ts";
import { Draw } from "./draw.ts";
import { randomExpression } from "./expressions.ts";
import { randomHead } from "./heads.ts";
import { writeSettings, writeWord } from "./settings.ts";
import {
  elements,
  joined,
  randomStep,
  stepNames,
  stepOf,
  tried,
  vectorsOf,
  type Room,
  type Step,
  type Tensor,
} from "./steps.ts";

/** A random program that must check, and what its data must be like. */
export interface RandomProgram {
  readonly seed: number;
  readonly text: string;
  /** Sizes that its data tell. */
  readonly sizes: Readonly<Record<string, number>>;
  /** A row of its data as an object of cells. */
  row(draw: Draw): Readonly<Record<string, unknown>>;
}

/** Writes the program of a seed; with learning rates of these, where there are any, else of any size. */
export function randomProgram(seed: number, rates?: readonly number[]): RandomProgram {
  return new Writer(seed, rates).write();
}

class Writer {
  readonly #seed: number;
  readonly #rates: readonly number[] | undefined;
  readonly #draw: Draw;
  readonly #lines: string[] = [];
  readonly #pool: Tensor[] = [];
  readonly #named: { for: Type; write: () => Step }[] = [];
  readonly #axes: Record<string, Size> = {};
  readonly #sizes: Record<string, number> = {};
  readonly #cells = new Map<string, Cell>();
  readonly #owners: string[] = [];
  readonly #tasks: { readonly name: string; readonly positive: boolean; readonly kind: TaskKind }[] = [];
  /** Rows that this program favours, so that over many programs each row has its turn. */
  readonly #favoured = new Set<string>();
  #count = 0;

  constructor(seed: number, rates: readonly number[] | undefined) {
    this.#seed = seed;
    this.#rates = rates;
    this.#draw = new Draw(seed, "program");
    for (const [table, rows] of Object.entries(registry))
      for (const name of rows.keys()) if (this.#draw.chance(0.12)) this.#favoured.add(`${table} ${name}`);
  }

  write(): RandomProgram {
    const draw = this.#draw;
    this.#lines.push(`model Random${this.#seed}`, "");
    for (let inputs = draw.between(1, 3); inputs > 0; inputs--) this.#input();
    for (let parts = draw.below(3); parts > 0; parts--) this.#part();
    this.#planned();
    for (let tensors = draw.between(0, 2); tensors > 0; tensors--) this.#shared();
    for (let tasks = draw.between(1, 4); tasks > 0; tasks--) {
      this.#task();
      if (draw.chance(0.3)) this.#shared();
    }
    while (this.#tasks.length === 0) this.#task();
    if (draw.chance(0.4)) this.#penalty();
    const validated = draw.chance(0.5);
    for (const phase of draw.chance(0.8) ? [null] : ["first", "second"]) this.#train(phase, validated);
    const parts = validated ? "\n  validation: part(0.25, of: train)" : "";
    this.#lines.push(`data {\n  train: jsonl("rows.jsonl")${parts}\n}`);
    const { cells, axes } = { cells: this.#cells, axes: this.#axes };
    return {
      seed: this.#seed,
      text: `${this.#lines.join("\n")}\n`,
      sizes: this.#sizes,
      row(of) {
        const lengths = Object.fromEntries(
          Object.entries(axes).map(([name, size]) => [name, of.between(1, Number(size))]),
        );
        return Object.fromEntries([...cells].map(([name, cell]) => [name, cell(of, { lengths })]));
      },
    };
  }

  #name(letter: string): string {
    this.#count += 1;
    return `${letter}${this.#count}`;
  }

  #room(): Room {
    return {
      registry,
      draw: this.#draw,
      axes: this.#axes,
      weight: (table, name) => (this.#favoured.has(`${table} ${name}`) ? 10 : 1),
      // Later tensors first of all: networks rather than stars.
      pool: this.#pool.slice(-6),
      tasks: this.#tasks,
      named: this.#named,
      rates: this.#rates,
    };
  }

  #say(doc: string, text: string): void {
    if (this.#draw.chance(0.2)) this.#lines.push(`/// ${doc}`);
    this.#lines.push(text);
  }

  // ── Inputs ────────────────────────────────────────────────────────────────────────────────────────────────────────

  #input(): void {
    const draw = this.#draw;
    const kinds = ["f32", "f32", "image", "image", "sequence", "i32", "category", "tokens", "tokens"] as const;
    const kind = this.#count === 0 && draw.chance(0.5) ? "f32" : draw.pick(kinds);
    const name = this.#name("x");
    switch (kind) {
      case "f32": {
        const width = draw.pick([0, 1, 3, 4, 6]);
        const settings = draw.pick([
          "",
          " { scale: standard }",
          " { scale: minmax, fill: mean }",
          ` { from: "${name}" }`,
        ]);
        this.#say("Numbers.", `input ${name}: f32${width > 0 ? `[${width}]` : ""}${settings}`);
        this.#cells.set(name, (of) => array(width > 0 ? [width] : [], () => round(of.normal())));
        this.#pool.push({ text: name, type: { element: "f32", shape: width > 0 ? [width] : [] } });
        return;
      }
      case "image":
      case "sequence": {
        const places = kind === "image" ? [draw.between(4, 7), draw.between(4, 7)] : [draw.between(3, 6)];
        const shape = [...places, draw.between(1, 4)];
        this.#say("An array.", `input ${name}: f32[${shape.join(", ")}]`);
        this.#cells.set(name, (of) => array(shape, () => round(of.normal())));
        this.#pool.push({ text: name, type: { element: "f32", shape } });
        return;
      }
      case "i32":
        this.#say("A code.", `input ${name}: i32`);
        this.#cells.set(name, (of) => of.below(3));
        this.#pool.push({ text: name, type: { element: "i32", shape: [] } });
        return;
      case "category": {
        const learnt = draw.chance(0.5);
        this.#say("A word.", `input ${name}: category${learnt ? "" : `(${JSON.stringify(words)})`}`);
        this.#cells.set(name, (of) => of.pick(words));
        const codes = learnt ? addSizes(unknownSize(`codes(${name})`)) : words.length + 1;
        if (learnt) this.#sizes[`codes(${name})`] = words.length + 1;
        this.#pool.push({ text: name, type: { element: "i32", shape: [], codes } });
        return;
      }
      case "tokens": {
        const length = draw.between(3, 6);
        this.#say("A text.", `input ${name}: tokens(${length}) { tokenizer: words(vocabulary: 6) }`);
        this.#cells.set(name, (of, { lengths }) => array([lengths[name]], () => of.pick(["a", "b", "c", "d"])));
        this.#axes[name] = length;
        this.#pool.push({ text: name, type: { element: "i32", shape: [length], axes: [name], codes: 6 } });
        return;
      }
      default:
        kind satisfies never;
    }
  }

  // ── Named layers and blocks ───────────────────────────────────────────────────────────────────────────────────────

  #part(): void {
    const draw = this.#draw;
    const numbers = this.#pool.filter(({ type }) => type.element === "f32");
    const on = draw.pick(numbers.length > 0 ? numbers : this.#pool).type;
    const body = this.#chain(on, draw.between(1, 2));
    const [layer, block] = [draw.chance(0.4), this.#name("b")];
    if (layer || on.element !== "f32") {
      this.#say("One set of weights.", `layer ${block} = ${body.text}`);
      this.#named.push({ for: on, write: () => ({ ...body, text: block }) });
      this.#owners.push(block);
      return;
    }
    if (draw.chance(0.5)) {
      this.#say(
        "Weights of its own at every use.",
        `block ${block}(x, rate: number = 0.1) {\n  y = x -> ${body.text} -> dropout(rate)\n  return y\n}`,
      );
      const call = () => draw.pick([block, `${block}(0.2)`, `${block}(rate: 0)`]);
      this.#named.push({ for: on, write: () => ({ ...body, text: call() }) });
      return;
    }
    this.#say(
      "Applies a chain twice.",
      `block ${block}(x, body: chain) {\n  y = x -> body -> ${body.text}\n  return y\n}`,
    );
    const write = (): Step => {
      const { step, type } = randomStep({ ...this.#room(), pool: [], named: [] }, on, 1);
      const inner = type.shape.length === on.shape.length && tried(body, type) !== null ? step : tanh;
      return { ...joined([inner, body]), text: `${block}(body: ${inner.text})` };
    };
    this.#named.push({ for: on, write });
  }

  #chain(type: Type, steps: number): Step {
    const made: Step[] = [];
    let at = type;
    for (let count = 0; count < steps; count++) {
      const next = randomStep({ ...this.#room(), pool: [], named: [] }, at, 1);
      made.push(next.step);
      at = next.type;
    }
    return joined(made);
  }

  // ── Tensors, tasks, penalties ─────────────────────────────────────────────────────────────────────────────────────

  /** What nothing has read yet comes first, then what is newest. */
  #start(): Tensor {
    const unread = this.#pool.filter(
      ({ text }) => /^[xh]\d+$/.test(text) && !this.#lines.some((line) => reads(line, text)),
    );
    return unread.length > 0 ? this.#draw.pick(unread) : this.#draw.pick(this.#pool.slice(-5));
  }

  #shared(): void {
    const name = this.#name("h");
    const made = randomExpression(this.#room(), this.#start(), this.#draw.between(1, 4));
    this.#say("Read by several tasks.", `shared ${name} = ${made.text}`);
    this.#pool.push({ text: name, type: made.type });
    this.#owners.push(name);
  }

  /** Two layers that are this seed's turn, so that a run of programs leaves none out. */
  #planned(): void {
    const names = stepNames({ registry });
    for (const turn of [2 * this.#seed, 2 * this.#seed + 1]) {
      const layer = names[turn % names.length];
      for (let attempt = 0; attempt < 12 && !this.#uses(layer); attempt++) this.#input();
    }
  }

  /** Feeds a layer with a tensor that it takes; false where there is none. */
  #uses(layer: string): boolean {
    const room = { ...this.#room(), pool: this.#pool };
    const starts = [...this.#pool, ...this.#pool.flatMap((tensor) => vectorsOf(room, tensor))];
    for (const start of this.#draw.shuffled(starts)) {
      const next = stepOf(room, layer, start.type);
      if (!next) continue;
      const name = this.#name("h");
      this.#lines.push(`shared ${name} = ${start.text} -> ${next.step.text}`);
      this.#pool.push({ text: name, type: next.type });
      this.#owners.push(name);
      return true;
    }
    return false;
  }

  #task(): void {
    const draw = this.#draw;
    const name = this.#name("y");
    const room = this.#room();
    const from = randomExpression(room, this.#start(), draw.between(0, 2));
    const head = randomHead(room, name, from);
    if (!head) return;
    const { kind } = head;
    const settings = [`head: ${head.text}`, `loss: ${head.losses}`];
    const grouped = kind.shape.length === 0 && !kind.learnt && kind.word !== "flags" && draw.chance(0.1);
    if (grouped) settings.push(`target: each(["${name}a", "${name}b"])`);
    if (head.metrics !== null) settings.push(`metrics: ${head.metrics}`);
    if (kind.word === "real" && draw.chance(0.4)) settings.push(`scale: ${draw.pick(["standard", "minmax"])}`);
    if (draw.chance(0.3)) settings.push(`weight: ${draw.pick([0.25, 2, 10])}`);
    if (draw.chance(0.1)) settings.push("role: auxiliary");
    if (draw.chance(0.15)) {
      settings.push('row_weight: "w"');
      this.#cells.set("w", (of) => round(of.uniform(0, 2)));
    }
    this.#say("To be predicted.", `task ${name}: ${head.kindText} {\n  ${settings.join("\n  ")}\n}`);
    if (kind.learnt) this.#sizes[`labels(${name})`] = labels.length;
    for (const [column, task] of grouped
      ? [
          [`${name}a`, `${name}.${name}a`],
          [`${name}b`, `${name}.${name}b`],
        ]
      : [[name, name]]) {
      this.#cells.set(column, (of, facts) => (of.chance(0.15) ? null : answerCell(of, kind, facts)));
      this.#tasks.push({ name: task, positive: head.positive, kind });
      if (elements(head.type) > 64 || draw.chance(0.4)) continue;
      const member = `${task}.${draw.pick(["output", "prediction"])}`;
      // Expected counts are exponentials: those of another count's would leave every bound.
      const bounded = kind.word === "count" ? `(${member} -> softsign)` : member;
      this.#pool.push({ text: bounded, type: head.type });
    }
    this.#owners.push(name);
  }

  #penalty(): void {
    const numbers = this.#pool.filter(({ type, text }) => type.element === "f32" && /^h\d+$/.test(text));
    if (numbers.length === 0) return;
    const { text } = this.#draw.pick(numbers);
    const form = this.#draw.pick([`mean(abs(${text}))`, `sum(${text} -> softsign -> square)`, `mean(${text})`]);
    this.#lines.push(`penalty ${this.#name("p")} = 0.01 * ${form}`);
  }

  // ── Training ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #train(phase: string | null, validated: boolean): void {
    const draw = this.#draw;
    const room = this.#room();
    const keys: string[] = [`balance: ${this.#balance()}`];
    const word = (key: string, chance: number): void => {
      const written = draw.chance(chance) ? writeWord(key === "optimizer" ? "optimizer" : "schedule", room) : null;
      // What watches validation needs one.
      if (written && (validated || written.value.word !== "plateau")) keys.push(`${key}: ${written.text}`);
    };
    word("optimizer", 0.8);
    word("schedule", 0.6);
    if (draw.chance(0.3)) keys.push(`clip: ${draw.pick(["norm(1)", "value(0.5)"])}`);
    if (draw.chance(0.2)) keys.push("average: ema(0.9)");
    if (draw.chance(0.2)) keys.push(`penalty: ${draw.pick(["l2(1e-3)", "l1(1e-3)", "[l1(1e-4), l2(1e-4)]"])}`);
    if (draw.chance(0.2)) keys.push(`accumulate: ${draw.between(1, 2)}`);
    if (validated && draw.chance(0.4)) keys.push("stop: early(on: validation.loss, patience: 2)");
    const owners = this.#owners.filter((name) => !/^b/.test(name));
    if (owners.length > 0 && draw.chance(0.2)) keys.push(`rates: { ${draw.pick(owners)}: 0.1 }`);
    if (owners.length > 1 && draw.chance(0.15)) keys.push(`freeze: [${draw.pick(owners)}]`);
    keys.push(draw.chance(0.5) ? "epochs: 1" : "steps: 2", "batch: 4", `seed: ${draw.below(100)}`);
    this.#lines.push(`train${phase === null ? "" : ` ${phase}`} {\n  ${keys.join("\n  ")}\n}`);
  }

  /** Rules on losses, then perhaps one on gradients. */
  #balance(): string {
    const draw = this.#draw;
    const room = this.#room();
    const negative = this.#tasks.some(({ positive }) => !positive);
    const rows = [...registry.balance.values()].filter((row) => row.built && !(negative && row.positive));
    const order = draw.ordered(rows, ({ name }) => room.weight("balance", name));
    const losses = order.filter((row) => row.family === "loss").slice(0, draw.pick([0, 1, 1, 2]));
    const gradient = order.filter((row) => row.family === "gradient").slice(0, draw.chance(0.4) ? 1 : 0);
    const written = [...losses, ...gradient].flatMap((row) => {
      const settings = writeSettings(row.settings, room);
      return settings ? [settings.text === "" ? row.name : `${row.name}(${settings.text})`] : [];
    });
    if (written.length === 0) return "static";
    return written.length === 1 && draw.chance(0.5) ? written[0] : `[${written.join(", ")}]`;
  }
}

const tanh: Step = { text: "tanh", apply: (type) => type };

function reads(line: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(line.replace(/^(?:input|shared) \w+/, ""));
}
