import type { Lexeme, LexemeKind } from "./lexer.ts";
import { Mender } from "./mender.ts";
import type { Role, Token } from "./roles.ts";
import type { Stretch } from "./split.ts";
import type { SyntaxProblem } from "./tree.ts";
import { isOpener, openers, type Shape } from "./words.ts";

/**
 * Makes one declaration that did not parse into one that does: inserts the marks and expressions that are missing,
 * leaves out what fits nowhere, and says so once for each mistake. This file mends what comes before the body.
 */
export interface Repaired {
  /** Empty where nothing could be kept. */
  readonly tokens: readonly Token[];
  readonly problems: readonly SyntaxProblem[];
}

export function repair(lexemes: readonly Lexeme[], stretch: Stretch, file: string): Repaired {
  const first = lexemes[stretch.from];
  if (first.kind === "word" && isOpener(first.text)) {
    const shape = openers[first.text];
    const mender = new Mender(lexemes, stretch, file);
    mender.take(`open-${shape}`);
    mendShape[shape](mender);
    return mender.finish();
  }
  const mender = new Mender(lexemes, stretch, file);
  return mendUnknown(mender) ? mender.finish() : { tokens: [], problems: mender.finish().problems };
}

const mendShape: Record<Shape, (mender: Mender) => void> = {
  names: mendImport,
  name: (mender) => {
    mendName(mender, "name");
  },
  value: mendValue,
  typed: mendTyped,
  block: mendBlock,
  section: mendSection,
};

/** Takes the declaration's name, or puts an empty one there. */
function mendName(mender: Mender, role: Role): boolean {
  if (mender.nextIs("word")) {
    mender.take(role);
    return true;
  }
  if (mender.nextIs("string") || mender.nextIs("number")) {
    mender.report("expected", { expected: "a name" });
    mender.skip();
  } else mender.report("expected", { expected: "a name", atGap: true });
  mender.insert(role, "");
  return false;
}

/** Takes `mark`, or what was written for it, or puts it there. */
function mendMark(mender: Mender, mark: "=" | ":" | "{" | "(", instead?: "=" | ":"): void {
  if (mender.nextIs(mark)) mender.take(mark);
  else if (instead && mender.nextIs(instead)) {
    mender.report("expected", { expected: `\`${mark}\``, replacement: mark });
    mender.replace(mark);
  } else mender.insertMark(mark);
}

function mendValue(mender: Mender): void {
  mendName(mender, "name");
  // `const width: int = 8`: a type, as other languages have it.
  const equals = mender.nextIs(":") ? mender.ahead("=") : 0;
  if (equals > 0) {
    mender.report("unexpected");
    for (let skipped = 0; skipped < equals; skipped++) mender.skip();
  }
  mendMark(mender, "=", ":");
  mender.value();
}

function mendTyped(mender: Mender): void {
  mendName(mender, "key");
  mendMark(mender, ":", "=");
  mendKind(mender);
}

function mendKind(mender: Mender): void {
  if (mender.nextIs("word")) {
    mender.take("name");
    if (mender.nextIs("(")) mender.bracket("arguments");
    if (mender.nextIs("[")) mender.bracket("list");
  } else {
    mender.report("missing-value", { expected: "a kind", atGap: true });
    mender.insert("name", "");
  }
  mendSettings(mender, false);
}

function mendSettings(mender: Mender, needed: boolean): void {
  if (mender.nextIs(":") || mender.nextIs("=")) {
    mender.report("unexpected");
    mender.skip();
  }
  if (!mender.nextIs("{")) {
    if (!mender.keyFollows() && (!needed || !mender.atEnd)) {
      if (needed) {
        mender.insertMark("{");
        mender.insert("}", "}");
      }
      return;
    }
    if (!mender.keyFollows()) {
      mender.report("expected", { expected: "`{`", atGap: true });
      mender.insert("{", "{");
      mender.insert("}", "}");
      return;
    }
  }
  mender.bracket("entries");
}

function mendSection(mender: Mender): void {
  const named = mender.nextIs("word") && !(mender.keyFollows() && !mender.bracketIsAfterName());
  if (named) mender.take("name");
  mendSettings(mender, true);
}

function mendBlock(mender: Mender): void {
  mendName(mender, "name");
  mender.bracket("parameters");
  if (mender.nextIs("=") || mender.nextIs(":")) {
    mender.report("unexpected");
    mender.skip();
  }
  mender.bracket("body");
}

function mendImport(mender: Mender): void {
  mender.bracket("names");
  if (mender.nextIs("word") && mender.next.text === "from") mender.take("from");
  else if (mender.nextIs("word") && mender.peek(1).kind === "string") {
    mender.report("expected", { expected: "`from`", replacement: "from" });
    mender.replace("from");
  } else mender.insertMark("from");
  if (mender.nextIs("string")) mender.take("string");
  else {
    mender.report("missing-value", { expected: "a path in quotes", atGap: true });
    mender.insert("string", "");
  }
}

/** Which word is missing before a name, by what follows the name. */
const wantedOpener: Readonly<Partial<Record<LexemeKind, string>>> = {
  ":": "`task` or `input`",
  "=": "`shared`, `const` or `layer`",
  "(": "`block`",
  end: "`model`",
};

/** False where there is nothing that resembles a declaration. */
function mendUnknown(mender: Mender): boolean {
  const [first, second] = [mender.next.kind, mender.peek(1).kind];
  const opener = first === "{" ? "`train` or `data`" : first === "word" ? wantedOpener[second] : undefined;
  if (opener) {
    mender.report("expected", { expected: `${opener} before it` });
    mender.insert("open-unknown", "");
  } else if (first === "word" && (second === "word" || second === "{")) {
    mender.take("open-unknown");
    mender.accepted();
  } else {
    mender.report("unexpected", { expected: "a declaration" });
    return false;
  }
  if (mender.nextIs("word")) {
    const typed = mender.peek(1).kind === ":";
    mender.take(typed ? "key" : "name");
    if (typed) {
      mender.take(":");
      mendKind(mender);
      return true;
    }
    if (mender.nextIs("=")) {
      mender.take("=");
      mender.value();
      return true;
    }
  }
  if (mender.nextIs("{") && mender.peek(1).kind !== "}" && !mender.settingsFollow()) mender.skipRest();
  else if (mender.nextIs("{")) mender.bracket("entries");
  else mender.skipRest();
  return true;
}
