import { groupedBy } from "./grouping.ts";
import { keyCode, memberCode } from "./names.ts";

/**
 * Weights as a tree. A parameter's path is cut into branches (`bird.dense_2.kernel`: `bird`, `dense_2`, `kernel`); layers of
 * one kind become a list, so that source says `weights.bird.dense[1].kernel`.
 */
export interface Branch {
  readonly children: Map<string, Branch>;
  /** The code of a weight, where the branch is one. */
  leaf: string | null;
}

export interface WeightTree {
  readonly root: Branch;
  /** `bird.dense_2` as branches. A task's name may hold dots of its own. */
  cut(path: string): readonly string[];
}

export function weightTree(
  weights: readonly { readonly name: string; readonly code: string }[],
  declarations: readonly string[],
): WeightTree {
  const root = branch();
  const dotted = declarations.filter((name) => name.includes(".")).sort((a, b) => b.length - a.length);
  const cut = (path: string): string[] => {
    const parts: string[] = [];
    let rest = path;
    while (rest !== "") {
      const known = dotted.find((name) => rest === name || rest.startsWith(`${name}.`));
      const part = known ?? rest.split(".", 1)[0];
      parts.push(part);
      rest = rest.slice(part.length + 1);
    }
    return parts;
  };
  for (const { name, code } of weights) {
    let at = root;
    for (const part of cut(name)) {
      const child = at.children.get(part) ?? branch();
      at.children.set(part, child);
      at = child;
    }
    at.leaf = code;
  }
  return { root, cut };
}

function branch(): Branch {
  return { children: new Map(), leaf: null };
}

/** Children of one kind: `dense_1`, `dense_2` … as a list; copies by number alone; everything else by its own name. */
type Group =
  | { readonly kind: "numbered"; readonly name: string; readonly list: readonly Branch[] }
  | { readonly kind: "plain"; readonly name: string; readonly branch: Branch };

const numbered = /^(.*\D)_(\d+)$/;

function groupsOf(at: Branch): Group[] {
  const { children } = at;
  const groups: Group[] = [];
  const listed = new Set<string>();
  for (const [key, child] of children) {
    const name = numbered.exec(key)?.[1];
    const count = name === undefined ? null : listLength(at, name);
    if (name === undefined || count === null) groups.push({ kind: "plain", name: key, branch: child });
    else if (!listed.has(name)) {
      listed.add(name);
      const list = Array.from({ length: count }, (_, k) => children.get(`${name}_${k + 1}`) ?? branch());
      groups.push({ kind: "numbered", name, list });
    }
  }
  return groups;
}

/** Lists by name with their lengths, of each branch that was asked about: a tree that is read grows no more. */
const lists = new WeakMap<Branch, ReadonlyMap<string, number>>();

/** How many children of a kind there are; null where their numbers do not run from 1 without a gap, so that no list says them. */
function listLength(at: Branch, name: string): number | null {
  const known = lists.get(at) ?? listsIn(at.children);
  lists.set(at, known);
  return known.get(name) ?? null;
}

function listsIn(children: ReadonlyMap<string, Branch>): ReadonlyMap<string, number> {
  const found = [...children.keys()].flatMap((key) => {
    const match = numbered.exec(key);
    return match ? [{ name: match[1], number: Number(match[2]) }] : [];
  });
  const whole = new Map<string, number>();
  for (const [name, list] of groupedBy(found, (each) => each.name)) {
    const numbers = list.map(({ number }) => number).sort((a, b) => a - b);
    if (!children.has(name) && numbers.every((number, k) => number === k + 1)) whole.set(name, numbers.length);
  }
  return whole;
}

function isCopies(at: Branch): boolean {
  const { children } = at;
  const known = copies.get(at) ?? (children.size > 0 && [...children.keys()].every((key, k) => key === String(k + 1)));
  copies.set(at, known);
  return known;
}

/** Whether branches are copies, told once each. */
const copies = new WeakMap<Branch, boolean>();

/** The code that reaches a path from the code of the branch `from` (its depth in the path). */
export function accessCode(tree: WeightTree, path: string, base: string, depth: number): string {
  let at = tree.root;
  let code = base;
  tree.cut(path).forEach((part, k) => {
    // A declaration's name is a person's own: nothing in it counts.
    const isCopy = k > 0 && isCopies(at);
    const name = k > 0 ? numbered.exec(part)?.[1] : undefined;
    if (k >= depth) {
      if (isCopy) code += `[${Number(part) - 1}]`;
      else {
        const count = name === undefined ? null : listLength(at, name);
        if (name === undefined || count === null) code += memberCode(part);
        else code += memberCode(name) + (count > 1 ? `[${Number(part.slice(name.length + 1)) - 1}]` : "");
      }
    }
    at = at.children.get(part) ?? branch();
  });
  return code;
}

/** The tree as an object, with the marks that tell names from it again. */
export function treeCode(root: Branch): string {
  const members = [...root.children].map(([name, child]) => `${keyCode(name)}: ${branchCode(child, "declaration")}`);
  return `{ ${members.join(", ")} }`;
}

/** What a branch stands in: below a declaration's name and inside of marks the keys are layers, and numbered. */
type Place = "declaration" | "layer" | "part";

function branchCode(at: Branch, place: Place): string {
  if (at.leaf !== null) return at.leaf;
  if (isCopies(at)) return `mtlc.copies(${[...at.children.values()].map((copy) => objectCode(copy, true)).join(", ")})`;
  const hasLayers = groupsOf(at).some(({ kind }) => kind === "numbered");
  const code = objectCode(at, hasLayers || place === "declaration");
  return hasLayers && place !== "declaration" ? `mtlc.layers(${code})` : code;
}

function objectCode(at: Branch, isNumbered: boolean): string {
  const members = groupsOf(at).map((group) => {
    if (group.kind === "numbered") {
      const list = group.list.map((child) => branchCode(child, "layer"));
      return `${keyCode(group.name)}: ${list.length === 1 ? list[0] : `[${list.join(", ")}]`}`;
    }
    const { branch: child, name } = group;
    const code =
      isNumbered && child.leaf === null ? `mtlc.ownLayers(${objectCode(child, true)})` : branchCode(child, "part");
    return `${keyCode(name)}: ${code}`;
  });
  return `{ ${members.join(", ")} }`;
}
