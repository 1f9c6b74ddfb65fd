import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { explained } from "../mutation/explained.ts";
import { type Mutant, sample } from "../mutation/mutants.ts";
import { Draw } from "../property/draw.ts";

/**
 * Changes that make the sources wrong, drawn over all rooms: the fast suite notices at least 95 of 100, or it is explained
 * why nobody could. MTLC_MUTATION_SEED and MTLC_MUTATION_COUNT choose others, or more.
 */
const seed = Number(process.env.MTLC_MUTATION_SEED ?? Date.now() % 1_000_000);
const count = Number(process.env.MTLC_MUTATION_COUNT ?? 150);
const config = "test/mutation/vitest.config.ts";

/** What is said in words, and what only a person can judge, is not changed. */
const isWords = (file: string): boolean => /^compiler\/(diagnostics|words)\/|\.d\.ts$/.test(file);

function sources(): ReadonlyMap<string, string> {
  const files = ["grammar", "compiler", "runtime", "src"].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !isWords(join(room, file)))
      .map((file) => join(room, file)),
  );
  return new Map(files.sort().map((file) => [file, readFileSync(file, "utf8")]));
}

interface Outcome {
  readonly status: number | null;
  readonly text: string;
}

function suite(files: readonly string[], environment: Readonly<Record<string, string>>): Outcome {
  const given = ["vitest", "run", "--config", config, "--reporter=dot", "--bail=1", ...files];
  const { status, stdout, stderr } = spawnSync("npx", given, {
    env: { ...process.env, ...environment },
    encoding: "utf8",
    timeout: 1_800_000,
    maxBuffer: 2 ** 28,
  });
  return { status, text: `${stdout}${stderr}` };
}

const said = ({ id, file, line, from, to, statement }: Mutant): string =>
  `${id} ${file}:${line}  ${short(from)}  ->  ${statement ? "(left out)" : short(to)}`;
const short = (text: string): string => (text.length > 90 ? `${text.slice(0, 90)}…` : text).replace(/\s+/g, " ");

test(`of ${count} mutants, 95 in 100 are noticed (MTLC_MUTATION_SEED=${seed})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "mtlc-mutants-"));
  const mutants = sample(new Draw(seed, "mutation"), sources(), count);
  const environment = { MTLC_MUTANTS: join(folder, "mutants.json") };
  writeFileSync(environment.MTLC_MUTANTS, JSON.stringify(mutants));

  const record = join(folder, "reached.jsonl");
  const whole = suite([], { ...environment, MTLC_MUTANTS_REACHED: record });
  expect(whole.status, whole.text.slice(-3000)).toBe(0);
  const reached = (existsSync(record) ? readFileSync(record, "utf8") : "")
    .trim()
    .split("\n")
    .map((line): { file: string; reached: number[] } => JSON.parse(line));
  // Those that reach little come first: a test of one thing is the likeliest to notice it, and the soonest done.
  const byReach = reached.toSorted((a, b) => a.reached.length - b.reached.length);

  const alive: Mutant[] = [];
  for (const mutant of mutants) {
    const files = byReach.filter((each) => each.reached.includes(mutant.id)).map(({ file }) => file);
    const killed =
      files.length > 0 &&
      [files.slice(0, 8), files.slice(8)].some(
        (some) => some.length > 0 && suite(some, { ...environment, MTLC_MUTANT: String(mutant.id) }).status !== 0,
      );
    if (!killed) alive.push(mutant);
    console.log(`${killed ? "noticed " : "SURVIVED"} ${said(mutant)} (${files.length} files reach it)`);
  }
  rmSync(folder, { recursive: true, force: true });

  const isExplained = ({ file, from, to }: Mutant): boolean =>
    explained.some((each) => each.file === file && each.from === from && each.to === to);
  const open = alive.filter((mutant) => !isExplained(mutant));
  console.log(
    `${mutants.length} mutants: ${mutants.length - alive.length} noticed, ${alive.length - open.length} explained\n`,
  );
  expect(open.length, `${open.map(said).join("\n")}\n`).toBeLessThanOrEqual(mutants.length * 0.05);
});
