import { wrap } from "../../compiler/prose/wrap.ts";
import { columnsOf, type Stream } from "./screen.ts";
import { shown } from "./shown.ts";

/**
 * All that the command prints goes through here, so that nothing reaches a terminal that it would obey: neither a file's name nor
 * a cell of a table.
 */
export interface Output {
  /** Sentences, wrapped at words on a terminal; a line that goes on begins `hang` places further in. */
  say(text: string, hang?: number): void;
  /** Text whose lines stay as they are, such as commands to be copied and code. */
  lines(text: string): void;
  /** What is laid out and coloured for this stream already, with nothing in it that came from elsewhere as it was. */
  put(rendered: string, then?: () => void): void;
  /** Data: to the byte as it is, except on a terminal, which shows it like all other text. */
  data(content: string | Uint8Array): void;
}

/** What changes at the end of a terminal, and makes room for what is printed meanwhile. */
export interface Below {
  hide(): void;
  show(): void;
}

let below: Below | null = null;

/** From now on this stands below all that is printed; null for nothing. */
export function keepBelow(next: Below | null): void {
  below = next;
}

/** Results. */
export const out = outputTo(() => process.stdout);
/** Messages, warnings and progress. */
export const err = outputTo(() => process.stderr);

function outputTo(streamOf: () => Stream & NodeJS.WritableStream): Output {
  const put = (content: string | Uint8Array, then?: () => void): void => {
    if (content.length === 0) return then?.();
    below?.hide();
    streamOf().write(content, then);
    below?.show();
  };
  return {
    say: (text, hang = 0) => put(wrap(shown(text, "\n"), columnsOf(streamOf()), hang)),
    lines: (text) => put(shown(text, "\n\t")),
    put,
    data: (content) => put(typeof content === "string" && streamOf().isTTY === true ? shown(content, "\n\t") : content),
  };
}
