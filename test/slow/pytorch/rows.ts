/** Tables that the twins and we train on: rows made from a fixed seed, holes where the programs want them. */

/** Mulberry32: 32 bits of state, numbers in [0, 1). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Cell = string | number | null;

function csv(rows: readonly Readonly<Record<string, Cell>>[]): string {
  const names = Object.keys(rows[0]);
  const text = (cell: Cell): string =>
    cell === null ? "" : typeof cell === "number" ? String(+cell.toFixed(4)) : cell;
  return `${[names, ...rows.map((row) => names.map((name) => text(row[name])))].map((line) => line.join(",")).join("\n")}\n`;
}

/** 151 rows: ten batches of 16, the last of 7. */
export function tableRows(): string {
  const next = random(11);
  const around = (): number => 2 * next() - 1;
  return csv(
    Array.from({ length: 151 }, (_, row) => {
      const batch = Math.floor(row / 16);
      const [a, b, c] = [3 + 2 * around(), around(), 100 * around()];
      const place = ["north", "south", "east"][Math.floor(3 * next())];
      const warmth = a - 2 * b + (place === "south" ? 2 : 0) + 0.5 * around();
      const keep = (share: number, value: Cell): Cell => (next() < share ? value : null);
      return {
        a,
        b: keep(0.9, b),
        c,
        spread: keep(0.8, 5 + 3 * around()),
        place: keep(0.9, place),
        kind: batch === 1 ? null : keep(0.7, warmth > 4 ? "hot" : c > 0 ? "dry" : "cold"),
        warm: keep(0.8, warmth > 3 ? "yes" : "no"),
        // Two batches where cooling alone moves heating's head, and one without both.
        heating: batch === 3 || batch === 4 || batch === 6 ? null : keep(0.8, 40 - 5 * warmth),
        cooling: batch === 6 ? null : keep(0.6, 10 + 3 * warmth + 0.02 * c),
        visits: keep(0.9, Math.floor(Math.exp(1 + 0.4 * around() + (c > 0 ? 0.6 : 0)))),
        rare: batch === 2 || batch === 5 || batch === 9 ? keep(0.5, warmth * b) : null,
      };
    }),
  );
}

/** 127 rows: eleven batches of 12, the last of 7; two batches to a step leave one for the sixth step. */
export function uncertainRows(): string {
  const next = random(12);
  const around = (): number => 2 * next() - 1;
  return csv(
    Array.from({ length: 127 }, (_, row) => {
      const batch = Math.floor(row / 12);
      const x = Array.from({ length: 6 }, around);
      const keep = (share: number, value: Cell): Cell => (next() < share ? value : null);
      const flag = (value: number): Cell => keep(0.75, value > 0 ? 1 : 0);
      return {
        ...Object.fromEntries(x.map((value, k) => [`x${k}`, (k + 1) * value])),
        smoke: flag(x[0] + x[1] - 0.3),
        water: flag(x[2] - x[3]),
        noise: flag(x[4] * x[5]),
        low: keep(0.8, x[0] - x[5]),
        high: keep(0.8, x[0] + 2 * x[1] * x[2]),
        trust: 0.25 + next(),
        grade: keep(0.7, Math.floor(1.5 + 1.49 * Math.sin(3 * x[1]))),
        // In both batches of the second step, in one of the fourth, and nowhere else.
        late: batch === 2 || batch === 3 || batch === 7 ? keep(0.9, x[3] > 0.1 ? "yes" : "no") : null,
      };
    }),
  );
}

/** 139 rows: nine batches of 16, the last of 11. */
export function projectedRows(): string {
  const next = random(13);
  const around = (): number => 2 * next() - 1;
  return csv(
    Array.from({ length: 139 }, (_, row) => {
      const batch = Math.floor(row / 16);
      const x = Array.from({ length: 5 }, around);
      const keep = (share: number, value: Cell): Cell => (next() < share ? value : null);
      const way = x[0] - x[1] + x[2] * x[3];
      return {
        ...Object.fromEntries(x.map((value, k) => [`x${k}`, value])),
        up: keep(0.9, way + 0.2 * around()),
        down: batch === 4 ? null : keep(0.9, 1 - way + 0.5 * x[4]),
        third: batch === 2 || batch === 7 ? null : keep(0.8, way > 0.2 ? "yes" : "no"),
        kind: batch === 5 || batch === 7 ? null : keep(0.8, x[4] > 0.3 ? 2 : way > 0 ? 1 : 0),
      };
    }),
  );
}

/** 77 images of a soft spot, 10 × 9 with two channels: five batches of 16, the last of 13. */
export function imageRows(): string {
  const next = random(14);
  const around = (): number => 2 * next() - 1;
  return csv(
    Array.from({ length: 77 }, (_, row) => {
      const batch = Math.floor(row / 16);
      const [y, x, radius] = [2 + 6 * next(), 2 + 5 * next(), 1 + 1.5 * next()];
      const shape = Math.floor(4 * next());
      const pixels = Array.from({ length: 180 }, (_, k) => {
        const [i, j, channel] = [Math.floor(k / 18), Math.floor(k / 2) % 9, k % 2];
        const away = ((i - y) ** 2 + (j - x) ** 2) / radius ** 2;
        const tone = channel === 0 ? 1 + shape : 3 - shape;
        return [`p${k}`, tone * Math.exp(-away) + 0.1 * around()];
      });
      const keep = (share: number, value: Cell): Cell => (next() < share ? value : null);
      const boxed = batch !== 3 && next() < 0.8;
      const end = (value: number, size: number): Cell => (boxed ? Math.min(1, Math.max(0, value / size)) : null);
      return {
        ...Object.fromEntries(pixels),
        shape: keep(0.8, shape),
        d0: keep(0.8, y > 5 ? 1 : 0),
        d1: keep(0.8, x > 4 ? 1 : 0),
        d2: keep(0.8, radius > 1.7 ? 1 : 0),
        // Some boxes lack one side: three numbers to come near to, and no overlap.
        left: next() < 0.1 ? null : end(x - radius, 9),
        top: end(y - radius, 10),
        right: end(x + radius, 9),
        bottom: end(y + radius, 10),
      };
    }),
  );
}

/** 100 sentences in nine batches of 12, the last of 4: from one word to ten, of which eight are kept; some labels are missing. */
export function sentenceRows(): string {
  const next = random(17);
  const pick = (list: readonly string[]): string => list[Math.floor(list.length * next())];
  const verbs = ["Go", "play", "see", "ask", "Hear"];
  const names = ["Rome", "Oslo", "anna", "Ben", "lima", "Cairo", "Dora", "Emil"];
  const marks = ["and", "or", "to", "a", "the", "not", "of", "by", "in"];
  return Array.from({ length: 100 }, () => {
    const length = 1 + Math.floor(10 * next());
    let asked = false;
    const lines = Array.from({ length }, (_, place) => {
      const draw = next();
      const word = draw < 0.3 ? pick(verbs) : draw < 0.6 ? pick(names) : pick(marks);
      asked ||= word === "ask" || word === "Hear";
      const tag = names.includes(word) ? (place > 0 && next() < 0.5 ? "I-name" : "B-name") : "O";
      const part = verbs.includes(word) ? "verb" : names.includes(word) ? "name" : "mark";
      return [word, next() < 0.15 ? "_" : tag, next() < 0.1 ? "_" : part].join("\t");
    });
    const mood = next() < 0.8 ? [`# mood = ${asked ? "yes" : "no"}`] : [];
    return [`# kind = ${length > 6 ? "long" : asked ? "question" : "plain"}`, ...mood, ...lines].join("\n");
  }).join("\n\n");
}

/** 155 rows: nine batches of 16, the last of 11; two kinds of answers of three classes, with holes. */
export function distilledRows(): string {
  const draw = random(23);
  return csv(
    Array.from({ length: 155 }, () => {
      const [x0, x1, x2, x3] = Array.from({ length: 4 }, () => 4 * draw() - 2);
      const kind = x0 + x1 > 0.5 ? 0 : x2 * x3 > 0 ? 1 : 2;
      const other = draw() < 0.2 ? Math.floor(3 * draw()) : kind;
      return { x0, x1, x2, x3, kind: draw() < 0.15 ? null : kind, other: draw() < 0.3 ? null : other };
    }),
  );
}
