import { vi } from "vitest";
import { main } from "../../src/cli/main.ts";

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `mtlc …` in this process, what it prints kept to itself. */
export async function mtlc(...argv: readonly string[]): Promise<CommandResult> {
  const caught = { out: "", err: "" };
  const catcher = (stream: "out" | "err") => (chunk: string | Uint8Array) => {
    caught[stream] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  const out = vi.spyOn(process.stdout, "write").mockImplementation(catcher("out"));
  const err = vi.spyOn(process.stderr, "write").mockImplementation(catcher("err"));
  try {
    return { code: await main(argv), ...caught };
  } finally {
    out.mockRestore();
    err.mockRestore();
  }
}

/** The same, for a command that must succeed: what it prints on standard output. */
export async function sound(...argv: readonly string[]): Promise<string> {
  const { code, out, err } = await mtlc(...argv);
  if (code !== 0) throw new Error(`mtlc ${argv.join(" ")} ended with ${code}:\n${ending(err)}`);
  return out;
}

/** The last lines: what went wrong, without the epochs before. */
function ending(text: string): string {
  return text.trim().split("\n").slice(-15).join("\n");
}
