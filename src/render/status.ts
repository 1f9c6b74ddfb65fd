import { cutTo, padTo, widthOf } from "../../compiler/prose/width.ts";
import { grouped } from "../../compiler/prose/numbers.ts";
import type { Paint } from "./colour.ts";
import { nameIn } from "./epoch-lines.ts";
import { duration, pace, short, weighed } from "./numbers.ts";

/** Where training stands, as a terminal shows it while it goes on. */
export interface Status {
  readonly epoch: number;
  readonly epochs: number;
  /** Steps that are done of all, in the phase under way. */
  readonly done: number;
  readonly total: number;
  readonly stepsPerSecond: number | null;
  /** Seconds that are left, and whether it may be over earlier. */
  readonly left: number | null;
  readonly mayStop: boolean;
  /** Of each task the loss of late, and the weight finally applied to it. */
  readonly losses: readonly { readonly task: string; readonly loss: number; readonly weight: number }[];
  /** What the validation part gave last; null before the first time. */
  readonly validation: {
    readonly loss: number | null;
    /** Main metrics: `accuracy 0.988` of a task. */
    readonly metrics: readonly { readonly task: string; readonly text: string }[];
  } | null;
  /** How far a look at a part of the data is, while training waits for it. */
  readonly measuring: { readonly part: string; readonly done: number; readonly rows: number } | null;
  /** Epochs in a row that were no better, of how many that may be; null where nothing is watched. */
  readonly waited: { readonly epochs: number; readonly patience: number } | null;
}

const LABEL = "validation".length;
const LONGEST_BAR = 30;
const SHORTEST_BAR = 4;
/** Rows that the history keeps at least. */
const HISTORY = 8;

/** The lines of a status: none is wider than the terminal, and together they leave room for the epochs above. */
export function statusLines(status: Status, columns: number, rows: number, paint: Paint): string[] {
  const room = Math.max(1, Math.min(4, Math.floor((rows - HISTORY - 1) / 2)));
  const lines = [barLine(status, columns, paint)];
  if (rows <= HISTORY) return lines;
  const losses = status.losses.map(({ task, loss, weight }) => [
    `${nameIn(task, columns)} ${short(loss)}`,
    weighed(weight),
  ]);
  const bare = losses.map(([loss]) => loss);
  const full = losses.map((parts) => parts.join(" "));
  // Weights are the first to go.
  lines.push(...(flow("loss", full, columns, room) ?? flow("loss", bare, columns, room, true) ?? []));
  if (status.validation) {
    const { loss, metrics } = status.validation;
    const items = [
      ...(loss === null ? [] : [short(loss)]),
      ...metrics.map(({ task, text }) => `${nameIn(task, columns)} ${text}`),
    ];
    const { waited } = status;
    const more = waited && waited.epochs > 0 ? [`no better for ${waited.epochs} of ${waited.patience}`] : [];
    const usual = flow("validation", items, columns, room, true) ?? [];
    const longer = flow("validation", [...items, ...more], columns, usual.length);
    lines.push(...(longer ?? usual));
  }
  return lines;
}

function barLine(status: Status, columns: number, paint: Paint) {
  const { epoch, epochs, stepsPerSecond, left, mayStop, measuring } = status;
  const { done, total } = measuring ? { done: measuring.done, total: measuring.rows } : status;
  const head = `epoch ${epoch}${epochs >= epoch ? ` of ${epochs}` : ""}`;
  const speed = stepsPerSecond === null ? [] : [pace(stepsPerSecond)];
  const time = left === null ? [] : [`${mayStop ? "at most " : ""}${duration(left)} left`];
  const brief = left === null ? "" : `${mayStop ? "≤ " : ""}${duration(left)}`;
  const tails = measuring
    ? [`${measuring.part}: ${grouped(done)} of ${grouped(total)} rows`, measuring.part, ""]
    : [[...speed, ...time].join(", "), time.join(""), brief, ""];
  const least = widthOf(head) + 1 + SHORTEST_BAR + 1;
  const tail = tails.find((each) => least + widthOf(each) <= columns) ?? "";
  const length = Math.min(LONGEST_BAR, columns >> 2, columns - widthOf(head) - 2 - widthOf(tail));
  if (length < SHORTEST_BAR) return cutTo(head, columns);
  const filled = `${"━".repeat(Math.floor(Math.min(1, done / total) * length))}╸`.slice(0, length);
  return `${head} ${filled}${paint.dim("━".repeat(length - filled.length))} ${tail}`.trimEnd();
}

/**
 * Items behind a label, in lines of their own where one is not enough. Null where there are too many for so many lines; where
 * `isLast` the rest is counted instead.
 */
function flow(
  label: string,
  items: readonly string[],
  columns: number,
  lines: number,
  isLast = false,
): string[] | null {
  const room = columns - LABEL - 2;
  for (const gap of ["   ", "  "]) {
    const rows = filled(items, room, gap);
    if (rows.length <= lines) return labelled(label, rows);
  }
  if (!isLast) return null;
  for (let shownItems = items.length - 1; shownItems >= 0; shownItems--) {
    const rows = filled([...items.slice(0, shownItems), `… ${items.length - shownItems} more`], room, "  ");
    if (rows.length <= lines) return labelled(label, rows);
  }
  return null;
}

function filled(items: readonly string[], room: number, gap: string): string[] {
  const rows: string[] = [];
  for (const item of items.map((each) => cutTo(each, room))) {
    const last = rows.at(-1);
    if (last !== undefined && widthOf(last + gap + item) <= room) rows[rows.length - 1] = last + gap + item;
    else rows.push(item);
  }
  return rows;
}

function labelled(label: string, rows: readonly string[]): string[] {
  return rows.map((row, k) => `${padTo(k === 0 ? label : "", LABEL)}  ${row}`);
}
