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
  const byLength = [...declarations].sort((a, b) => b.length - a.length);
  const cut = (path: string): string[] => {
    const parts: string[] = [];
    let rest = path;
    while (rest !== "") {
      const known = byLength.find((name) => name.includes(".") && (rest === name || rest.startsWith(`${name}.`)));
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

function groupsOf({ children }: Branch): Group[] {
  const groups: Group[] = [];
  for (const [key, child] of children) {
    const name = numbered.exec(key)?.[1];
    if (name === undefined || !isWhole(children, name)) groups.push({ kind: "plain", name: key, branch: child });
    else if (!groups.some((group) => group.kind === "numbered" && group.name === name))
      groups.push({
        kind: "numbered",
        name,
        list: numbersOf(children, name).map((k) => children.get(`${name}_${k}`) ?? branch()),
      });
  }
  return groups;
}

function numbersOf(children: ReadonlyMap<string, Branch>, name: string): number[] {
  return [...children.keys()]
    .flatMap((key) => {
      const found = numbered.exec(key);
      return found?.[1] === name ? [Number(found[2])] : [];
    })
    .sort((a, b) => a - b);
}

/** Whether the numbers of a kind run from 1 without a gap, so that a list says them. */
function isWhole(children: ReadonlyMap<string, Branch>, name: string): boolean {
  return !children.has(name) && numbersOf(children, name).every((number, k) => number === k + 1);
}

function isCopies({ children }: Branch): boolean {
  return children.size > 0 && [...children.keys()].every((key, k) => key === String(k + 1));
}

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
      else if (name !== undefined && isWhole(at.children, name)) {
        const count = numbersOf(at.children, name).length;
        code += memberCode(name) + (count > 1 ? `[${Number(part.slice(name.length + 1)) - 1}]` : "");
      } else code += memberCode(part);
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
