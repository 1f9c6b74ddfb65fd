import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, posix, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { registry } from "../compiler/registry/index.ts";

/** The shape of the code, as `docs/architecture.md` gives it: rooms, packages, sizes of files. */

const root = join(import.meta.dirname, "..");
const rooms = ["grammar", "compiler", "runtime", "src"];

/**
 * Packages and where they may be named: values come from one file there, types from any. Those that are not read when their
 * importer is, but when they are needed, are lazy.
 */
const packages: Readonly<Record<string, { readonly under: string; readonly lazy: boolean }>> = {
  chevrotain: { under: "grammar/", lazy: false },
  pbf: { under: "compiler/emit/onnx/", lazy: false },
  "onnxruntime-node": { under: "runtime/engines/", lazy: true },
  "@tensorflow/tfjs": { under: "runtime/", lazy: true },
  "ts-morph": { under: "src/typescript/", lazy: true },
  prettier: { under: "src/typescript/", lazy: true },
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly kind: "type" | "static" | "dynamic";
}

const files = new Map(
  [...rooms, "test", "bench"].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|mjs)$/.test(name))
      .map((name) => `${room}/${name.split(sep).join("/")}`)
      .map((file) => [file, readFileSync(join(root, file), "utf8")]),
  ),
);
const source = [...files.keys()].filter((file) => rooms.includes(roomOf(file)) && !file.startsWith("src/templates/"));
const imports = source.flatMap((file) => importsOf(file, files.get(file)!));

function roomOf(file: string): string {
  return file.slice(0, file.indexOf("/"));
}

function importsOf(from: string, text: string): Import[] {
  const found: Import[] = [];
  const target = (path: string): string => (path.startsWith(".") ? posix.join(dirname(from), path) : path);
  for (const [, type, path] of text.matchAll(/^(?:import|export)\s+(type\s)?(?:[\w\s{},*]+\sfrom\s+)?"([^"]+)";/gm)) {
    found.push({ from, to: target(path), kind: type ? "type" : "static" });
  }
  for (const [, before, path] of text.matchAll(/(typeof\s+)?\bimport\(\s*"([^"]+)"\s*\)/g)) {
    found.push({ from, to: target(path), kind: before ? "type" : "dynamic" });
  }
  return found;
}

/** The package of `prettier/standalone`. */
function packageOf(to: string): string {
  return to
    .split("/")
    .slice(0, to.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Text without comments and the insides of strings. */
function code(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g,
    (found) => (found.startsWith("/") ? "" : '""'),
  );
}

/** All that is loaded before the first line of `file` runs. */
function loadedBy(file: string): Set<string> {
  const loaded = new Set([file]);
  for (const from of loaded) {
    for (const { to, kind } of imports.filter((edge) => edge.from === from)) if (kind === "static") loaded.add(to);
  }
  return loaded;
}

/** Files whose code has a match, each with what was found. */
function matching(pattern: RegExp, of: readonly string[]): string[] {
  return of.flatMap((file) => (code(files.get(file)!).match(pattern) ?? []).map((found) => `${file}: ${found}`));
}

describe("rooms", () => {
  it("holds files in each", () => {
    for (const room of rooms) expect(source.filter((file) => roomOf(file) === room).length, room).toBeGreaterThan(5);
    expect(imports.length).toBeGreaterThan(source.length);
  });

  it("imports upward only: grammar, compiler, runtime, src", () => {
    const downward = imports.filter(
      ({ from, to }) => rooms.includes(roomOf(to)) && rooms.indexOf(roomOf(to)) > rooms.indexOf(roomOf(from)),
    );
    expect(downward).toEqual([]);
  });

  it("imports files that there are", () => {
    const own = imports.filter(({ to }) => rooms.includes(roomOf(to)));
    expect(own.filter(({ to }) => !files.has(to))).toEqual([]);
  });

  it("keeps grammar and compiler pure: no module of Node, no clock, no process, no chance", () => {
    const pure = source.filter((file) => ["grammar", "compiler"].includes(roomOf(file)));
    expect(imports.filter(({ from, to }) => pure.includes(from) && to.startsWith("node:"))).toEqual([]);
    const outside = /\b(process\.\w+|Buffer\b|Date\b|performance\b|setTimeout\b|Math\.random\b|require\()/g;
    expect(matching(outside, pure)).toEqual([]);
  });
});

describe("the checker", () => {
  const room = "compiler/check/";
  // Each folder knows those before it.
  const order = ["context", "names", "foreign", "settings", "tables", "network", "tasks", "sections", "files"];
  const own = imports.filter(({ from, to }) => from.startsWith(room) && to.startsWith(room));
  const folderOf = (file: string): string => file.slice(room.length).replace(/\/?[^/]*$/, "");

  it("lies in folders, each of which says what it is for", () => {
    const folders = new Set(source.filter((file) => file.startsWith(room)).map(folderOf));
    expect([...folders].sort()).toEqual([...order].sort());
    for (const folder of folders)
      expect(readFileSync(join(root, room, folder, "README.md"), "utf8").split(/\.\s/).length, folder).toBeLessThan(5);
  });

  it("imports in one direction from folder to folder", () => {
    const known = (folder: string) => order.slice(0, order.indexOf(folder));
    const astray = own.filter(({ from, to }) => ![folderOf(from), ...known(folderOf(from))].includes(folderOf(to)));
    expect(own.length).toBeGreaterThan(100);
    expect(astray).toEqual([]);
  });

  it("has no circle of files, of types included", () => {
    const needs = new Map<string, string[]>();
    for (const { from, to } of own) needs.set(from, [...(needs.get(from) ?? []), to]);
    const reached = (start: string): Set<string> => {
      const found = new Set(needs.get(start));
      for (const file of found) for (const to of needs.get(file) ?? []) found.add(to);
      return found;
    };
    expect([...needs.keys()].filter((file) => reached(file).has(file))).toEqual([]);
  });
});

describe("what is printed", () => {
  it("goes through one file, which shows what a terminal would obey", () => {
    // A generated module runs in other people's programs, whose console it is.
    const own = source.filter((file) => !file.startsWith("runtime/generated/"));
    const writers = own.filter((file) => /\bstd(?:out|err)\.write\b|\bconsole\.\w/.test(code(files.get(file)!)));
    expect(writers).toEqual([]);
    const streams = source.filter((file) => /\bprocess\.std(?:out|err)\b/.test(code(files.get(file)!)));
    expect(streams.filter((file) => !file.startsWith("src/"))).toEqual([]);
    expect(files.get("src/render/output.ts")).toContain("streamOf().write(");
  });
});

describe("packages", () => {
  const foreign = imports
    .filter(({ to }) => !rooms.includes(roomOf(to)) && !to.startsWith("node:"))
    .map((each) => ({ ...each, to: packageOf(each.to) }));

  it("are named where they may be, and give their values to one file each", () => {
    const astray = foreign.filter(({ from, to }) => !packages[to] || !from.startsWith(packages[to].under));
    expect(astray).toEqual([]);
    for (const name of Object.keys(packages)) {
      const users = foreign.filter(({ to, kind }) => to === name && kind !== "type").map(({ from }) => from);
      expect(new Set(users).size, name).toBeLessThanOrEqual(1);
    }
  });

  it("that are heavy load when they are needed", () => {
    expect(foreign.filter(({ to, kind }) => packages[to]?.lazy && kind === "static")).toEqual([]);
  });

  it("of the package file are all in use", () => {
    const { dependencies, devDependencies, scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const elsewhere = ["build.mjs", "vitest.config.ts", "tsconfig.json", ".ci/run"].map((file) =>
      readFileSync(join(root, file), "utf8"),
    );
    const examples = readdirSync(join(root, "examples"), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(mtl|mjs)$/.test(name))
      .map((name) => readFileSync(join(root, "examples", name), "utf8"));
    const texts = [...elsewhere, ...examples, ...files.values(), JSON.stringify(scripts)].join("\n");
    const names = Object.keys({ ...dependencies, ...devDependencies });
    // Declarations of Node are named by `types: ["node"]`.
    const used = (name: string) => texts.includes(name === "@types/node" ? '"types": ["node"]' : name);
    expect(names.filter((name) => !used(name))).toEqual([]);
  });
});

describe("a browser", () => {
  it("gets nothing of Node with the library, and no package but the parser's", () => {
    const loaded = loadedBy("src/browser.ts");
    expect(loaded).toContain("compiler/compile.ts");
    expect(loaded).toContain("runtime/train/evaluate.ts");
    const outside = imports.filter(({ from, to, kind }) => loaded.has(from) && kind !== "type" && !files.has(to));
    expect([...new Set(outside.map(({ to }) => to))]).toEqual(["chevrotain"]);
  });
});

describe("starting", () => {
  it("loads no command, engine or training loop before the command is known", () => {
    const loaded = [...loadedBy("src/cli/run.ts")];
    expect(loaded).toContain("src/cli/main.ts");
    expect(loaded.filter((file) => /^runtime\/(engines|train)\//.test(file))).toEqual([]);
    expect(loaded.filter((file) => /^src\/cli\//.test(file)).sort()).toEqual([
      "src/cli/command.ts",
      "src/cli/commands.ts",
      "src/cli/main.ts",
      "src/cli/run.ts",
      "src/cli/streams.ts",
    ]);
  });

  it("checks a file without loading an engine or the training loop", () => {
    const loaded = [...loadedBy("src/cli/check.ts"), ...loadedBy("runtime/data/heads.ts")];
    expect(loaded).toContain("grammar/parser.ts");
    expect(loaded.filter((file) => /^(runtime\/(engines|train)|compiler\/(emit|lower|passes))\//.test(file))).toEqual(
      [],
    );
  });
});

describe("files", () => {
  it("are of one idea: none is over 400 lines", () => {
    const long = [...files].map(([file, text]) => ({ file, lines: text.split("\n").length - 1 }));
    expect(long.filter(({ lines }) => lines > 400)).toEqual([]);
  });

  it("say what they hold: no folder or file of utilities, helpers or managers", () => {
    expect([...files.keys()].filter((file) => /(^|\/|-)(utils?|helpers?|managers?|misc)(\/|-|\.)/.test(file))).toEqual(
      [],
    );
  });

  it("leave nothing open and nothing unchecked", () => {
    const unchecked = /(?::|<|\bas|[|&,(=])\s*any\b|@ts-(?:ignore|expect-error|nocheck)|as unknown as/g;
    expect(matching(unchecked, source)).toEqual([]);
    const marks = new RegExp(["TO", "DO|FIX", "ME|X", "XX|@ts-(?:ignore|nocheck)"].join(""));
    expect([...files].filter(([, text]) => marks.test(text)).map(([file]) => file)).toEqual([]);
  });

  it("ask records of people's own names for entries of their own: every object inherits a `constructor`", () => {
    const asked = /\b(?:codes\.(?:tasks|inputs)|set\.targets|targetScales|classCounts)\[[a-z.]+\](?! = )/g;
    expect(matching(asked, source)).toEqual([]);
  });

  it("know no layer and no balance rule by its name: what others must know of one is a fact in its row", () => {
    const names = [...registry.layer.keys(), ...registry.balance.keys()].filter((name) => name !== "static").join("|");
    const asked = new RegExp(`\\b(?:layer|row\\.name|name\\.text|rule\\.word|word) [!=]== "(?:${names})"`, "g");
    expect(asked.test('if (row.name === "dense")')).toBe(true);
    expect(
      matching(
        asked,
        source.filter((file) => !/^compiler\/(layers|balance)\//.test(file)),
      ),
    ).toEqual([]);
  });

  it("have tests named after what they test", () => {
    const tests = [...files.keys()].filter((file) => file.endsWith(".test.ts"));
    expect(tests.filter((file) => !/^[a-z0-9-]+\.test\.ts$/.test(basename(file)))).toEqual([]);
    expect(tests).toContain(
      relative(root, import.meta.filename)
        .split(sep)
        .join("/"),
    );
  });
});
