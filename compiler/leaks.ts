import { advice } from "./diagnostics/advice.ts";
import { report, type Diagnostic } from "./diagnostics/diagnostic.ts";
import { leaksOf, writtenNames, type Leak } from "./ir/leaks.ts";
import type { Columns, Model } from "./ir/model.ts";

/** Targets among inputs that the file itself names. */
export function writtenLeaks(model: Model): readonly Diagnostic[] {
  return leaksOf(model, writtenNames).map(leakReport);
}

/** Those that only a table shows, whose columns a range takes in; what the file itself names was said. */
export function leaksInTable(model: Model, columns: readonly string[]): readonly Diagnostic[] {
  const said = leaksOf(model, writtenNames);
  const isSaid = ({ input, columns: all }: Leak): boolean => {
    const before = said.find((leak) => leak.input === input);
    return before !== undefined && all.every((name) => before.columns.includes(name));
  };
  return leaksOf(model, (read) => namesIn(columns, read))
    .filter((leak) => !isSaid(leak))
    .map(leakReport);
}

function namesIn(columns: readonly string[], read: Columns): readonly string[] {
  if (read.kind === "names") return read.names;
  const [first, last] = [columns.indexOf(read.first), columns.indexOf(read.last)];
  return first < 0 || last < 0 ? [] : columns.slice(Math.min(first, last), Math.max(first, last) + 1);
}

function leakReport({ input, columns, tasks }: Leak): Diagnostic {
  const { name, from, span, spans } = input;
  const help =
    from.kind === "range"
      ? "list the columns of the input without it, or let the range end before it"
      : columns.length < from.names.length
        ? "leave it out of `from`"
        : "read another column, or predict another one";
  return report(
    advice.targetAmongInputs,
    { input: name, columns, tasks: tasks.map((task) => task.name) },
    { span: spans?.from ?? span, help: `${help}; a task that is there to reconstruct it is \`role: auxiliary\`` },
  );
}
