import { existsSync } from "node:fs";
import { dirname } from "node:path/posix";
import { describe, expect, it } from "vitest";
import { saveNetwork } from "../../runtime/generated/files.ts";
import { makeFolder } from "../../runtime/run/make-folder.ts";

/** Folders are made one by one, and what cannot be made is told instead of tried for ever. */

/** A system with these folders and files; `mkdir` fails with a code where it is told to. */
function system(
  folders: readonly string[],
  files: readonly string[] = [],
  failing: Readonly<Record<string, string>> = {},
) {
  const there = new Set(folders);
  const made: string[] = [];
  return {
    made,
    dirname,
    statSync: (path: string) =>
      there.has(path) || files.includes(path) ? { isDirectory: () => there.has(path) } : undefined,
    mkdirSync(path: string) {
      if (made.length > 5) throw new Error("it goes on and on");
      made.push(path);
      if (failing[path] === "made meanwhile") there.add(path);
      if (failing[path] !== undefined)
        throw Object.assign(new Error("mkdir"), {
          code: failing[path] === "made meanwhile" ? "EEXIST" : failing[path],
        });
      there.add(path);
    },
  };
}

describe("makeFolder", () => {
  it("makes those above first, and none that is there", () => {
    const disk = system(["/", "/a"]);
    makeFolder("/a/b/c", disk);
    expect(disk.made).toEqual(["/a/b", "/a/b/c"]);
    makeFolder("/a/b/c", disk);
    expect(disk.made.length).toBe(2);
  });

  it("ends where a folder takes none", () => {
    const disk = system(["/", "/proc"], [], { "/proc/x": "ENOENT" });
    expect(() => makeFolder("/proc/x/y", disk)).toThrow("no folder can be made in `/proc`");
    expect(disk.made).toEqual(["/proc/x"]);
  });

  it("ends at a file, and at a link that leads nowhere", () => {
    expect(() => makeFolder("/a/b", system(["/"], ["/a"]))).toThrow("`/a` is a file, not a folder");
    expect(() => makeFolder("/a", system(["/"], [], { "/a": "EEXIST" }))).toThrow("mkdir");
  });

  it("takes one that somebody else makes at the same time", () => {
    const disk = system(["/"], [], { "/a": "made meanwhile" });
    makeFolder("/a/b", disk);
    expect(disk.made).toEqual(["/a", "/a/b"]);
  });
});

it.skipIf(!existsSync("/proc/self"))("a generated module's `save` ends there, too", async () => {
  const codes = { schema: 1 as const, inputs: {}, tasks: {} };
  await expect(saveNetwork("/proc/xx/yy", { weights: {}, codes })).rejects.toThrow("no folder can be made in `/proc`");
});
