/** Ranks that TypeScript has to be told: a convolution takes its kernel as one of four axes, and methods give any rank. */

const convolutions = /\.(?:conv2d|depthwiseConv2d|conv2dTranspose)\(/g;

/** Statements and results with the rank said where the kernel of a convolution comes from. */
export function withRanks(statements: readonly string[]): string[] {
  const told = [...statements];
  for (let k = 0; k < told.length; k++) {
    for (let from = 0; ;) {
      convolutions.lastIndex = from;
      const found = convolutions.exec(told[k]);
      if (!found) break;
      from = found.index + found[0].length;
      const kernel = firstArgument(told[k], from);
      const marked = marking(kernel);
      if (marked !== null) told[k] = told[k].slice(0, from) + marked + told[k].slice(from + kernel.length);
      else markSource(told, k, kernel);
    }
  }
  return told;
}

/** Marks the constant that a kernel is, or is cut from. */
function markSource(statements: string[], before: number, kernel: string): void {
  const [base = ""] = /^\w+/.exec(kernel) ?? [];
  for (let k = before - 1; k >= 0; k--) {
    const head = `const ${base} = `;
    if (!statements[k].startsWith(head)) continue;
    const value = statements[k].slice(head.length);
    const marked = marking(value);
    if (marked !== null) statements[k] = head + marked;
    return;
  }
}

/** Code with a rank at its last method that takes one; null where it has none. */
function marking(code: string): string | null {
  let depth = 0;
  let last = -1;
  for (let at = 0; at < code.length; at++) {
    if (depth === 0 && /^\.(?:reshape|pad)\(/.test(code.slice(at, at + 9))) last = at;
    if ("([{".includes(code[at])) depth += 1;
    if (")]}".includes(code[at])) depth -= 1;
  }
  if (last < 0) return null;
  const open = code.indexOf("(", last);
  return `${code.slice(0, open)}<tf.Tensor4D>${code.slice(open)}`;
}

/** The code up to the comma or bracket that ends it. */
function firstArgument(code: string, from: number): string {
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    if (depth === 0 && (code[at] === "," || code[at] === ")")) return code.slice(from, at);
    if ("([{".includes(code[at])) depth += 1;
    if (")]}".includes(code[at])) depth -= 1;
  }
  return code.slice(from);
}
