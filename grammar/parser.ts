import { createToken, EmbeddedActionsParser, type IToken, type TokenType } from "chevrotain";
import * as build from "./build.ts";
import type { Role, Token } from "./roles.ts";
import type {
  Argument,
  Declaration,
  Entry,
  Expression,
  Kind,
  Name,
  Parameter,
  SettingsBlock,
  Statement,
} from "./tree.ts";

/**
 * The grammar, one declaration at a time, deciding everything by the next token. It accepts the language exactly; what
 * was mistyped is mended before (`repair.ts`), so that no rule needs to know of mistakes.
 */

const types = new Map<Role, TokenType>();
function type(role: Role): TokenType {
  const made = createToken({ name: role });
  types.set(role, made);
  return made;
}
const Arrow = type("->");
const Plus = type("+");
const Minus = type("-");
const Star = type("*");
const Slash = type("/");
const Equals = type("=");
const Colon = type(":");
const Comma = type(",");
const Dot = type(".");
const LeftParenthesis = type("(");
const RightParenthesis = type(")");
const LeftBracket = type("[");
const RightBracket = type("]");
const LeftBrace = type("{");
const RightBrace = type("}");
const NumberLiteral = type("number");
const StringLiteral = type("string");
const BooleanLiteral = type("boolean");
const NameWord = type("name");
const Key = type("key");
const ImportWord = type("open-names");
const ModelWord = type("open-name");
const ValueWord = type("open-value");
const TypedWord = type("open-typed");
const BlockWord = type("open-block");
const SectionWord = type("open-section");
const UnknownWord = type("open-unknown");
const Return = type("return");
const From = type("from");
const Apply = type("apply");
const Missing = type("missing");

class Grammar extends EmbeddedActionsParser {
  file = "";

  constructor() {
    super([...types.values()], { maxLookahead: 1, skipValidations: true });
    this.performSelfAnalysis();
  }

  /** Builds a node from parts that were read; not while chevrotain records the grammar, when there are none. */
  private build<Parts extends unknown[], T>(builder: (...parts: Parts) => T, ...parts: Parts): T {
    return this.ACTION(() => builder(...parts));
  }
  private make<Parts extends unknown[], T>(builder: (file: string, ...parts: Parts) => T, ...parts: Parts): T {
    return this.ACTION(() => builder(this.file, ...parts));
  }

  readonly declaration = this.RULE("declaration", (): Declaration =>
    this.OR([
      { ALT: () => this.SUBRULE(this.importing) },
      { ALT: () => this.SUBRULE(this.model) },
      { ALT: () => this.SUBRULE(this.valued) },
      { ALT: () => this.SUBRULE(this.typed) },
      { ALT: () => this.SUBRULE(this.block) },
      { ALT: () => this.SUBRULE(this.section) },
      { ALT: () => this.SUBRULE(this.unknown) },
    ]),
  );

  private readonly importing = this.RULE("import", (): Declaration => {
    const word = this.CONSUME(ImportWord);
    this.CONSUME(LeftBrace);
    const names: Name[] = [this.SUBRULE(this.name)];
    this.MANY({
      GATE: () => this.LA(2).tokenType !== RightBrace,
      DEF: () => {
        this.CONSUME(Comma);
        names.push(this.SUBRULE2(this.name));
      },
    });
    this.OPTION(() => this.CONSUME2(Comma));
    this.CONSUME(RightBrace);
    this.CONSUME(From);
    const path = this.CONSUME(StringLiteral);
    return this.make(build.importDeclaration, word, names, path);
  });

  private readonly model = this.RULE("model", (): Declaration => {
    const word = this.CONSUME(ModelWord);
    return this.make(build.modelDeclaration, word, this.SUBRULE(this.name));
  });

  private readonly valued = this.RULE("valued", (): Declaration => {
    const word = this.CONSUME(ValueWord);
    const name = this.SUBRULE(this.name);
    this.CONSUME(Equals);
    return this.make(build.valueDeclaration, word, name, this.SUBRULE(this.expression));
  });

  private readonly typed = this.RULE("typed", (): Declaration => {
    const word = this.CONSUME(TypedWord);
    const name = this.SUBRULE(this.key);
    this.CONSUME(Colon);
    const type = this.SUBRULE(this.kind);
    const settings = this.OPTION(() => this.SUBRULE(this.settings));
    return this.make(build.typedDeclaration, word, name, type, settings);
  });

  private readonly block = this.RULE("block", (): Declaration => {
    const word = this.CONSUME(BlockWord);
    const name = this.SUBRULE(this.name);
    this.CONSUME(LeftParenthesis);
    const parameters: Parameter[] = [];
    this.OPTION(() => {
      parameters.push(this.SUBRULE(this.parameter));
      this.MANY({
        GATE: () => this.LA(2).tokenType !== RightParenthesis,
        DEF: () => {
          this.CONSUME(Comma);
          parameters.push(this.SUBRULE2(this.parameter));
        },
      });
      this.OPTION2(() => this.CONSUME2(Comma));
    });
    this.CONSUME(RightParenthesis);
    this.CONSUME(LeftBrace);
    const statements: Statement[] = [];
    this.MANY2(() => statements.push(this.SUBRULE(this.statement)));
    this.CONSUME(Return);
    const result = this.SUBRULE(this.expression);
    const close = this.CONSUME(RightBrace);
    return this.make(build.blockDeclaration, word, name, parameters, statements, result, close);
  });

  private readonly parameter = this.RULE("parameter", (): Parameter => {
    let type: Kind | undefined;
    const name = this.OR([
      { ALT: () => this.SUBRULE(this.name) },
      {
        ALT: () => {
          const key = this.SUBRULE(this.key);
          this.CONSUME(Colon);
          type = this.SUBRULE(this.kind);
          return key;
        },
      },
    ]);
    const fallback = this.OPTION(() => {
      this.CONSUME(Equals);
      return this.SUBRULE(this.expression);
    });
    return this.build(build.parameter, name, type, fallback);
  });

  private readonly statement = this.RULE("statement", (): Statement => {
    const name = this.SUBRULE(this.name);
    this.CONSUME(Equals);
    return this.build(build.statement, name, this.SUBRULE(this.expression));
  });

  private readonly section = this.RULE("section", (): Declaration => {
    const word = this.CONSUME(SectionWord);
    const name = this.OPTION(() => this.SUBRULE(this.name));
    return this.make(build.sectionDeclaration, word, name, this.SUBRULE(this.settings));
  });

  private readonly unknown = this.RULE("unknown", (): Declaration => {
    const word = this.CONSUME(UnknownWord);
    let type: Kind | undefined;
    let value: Expression | undefined;
    let settings: SettingsBlock | undefined;
    const name = this.OR([
      {
        ALT: () => {
          const key = this.SUBRULE(this.key);
          this.CONSUME(Colon);
          type = this.SUBRULE(this.kind);
          settings = this.OPTION(() => this.SUBRULE(this.settings));
          return key;
        },
      },
      {
        ALT: () => {
          const plain = this.OPTION2(() => this.SUBRULE(this.name));
          this.OPTION3(() => {
            this.CONSUME(Equals);
            value = this.SUBRULE(this.expression);
          });
          this.OPTION4(() => (settings = this.SUBRULE2(this.settings)));
          return plain;
        },
      },
    ]);
    return this.make(build.unknownDeclaration, word, name, type, value, settings);
  });

  private readonly settings = this.RULE("settings", (): SettingsBlock => {
    const open = this.CONSUME(LeftBrace);
    const entries: Entry[] = [];
    this.MANY(() => {
      const key = this.SUBRULE(this.key);
      this.CONSUME(Colon);
      entries.push(this.build(build.entry, key, this.SUBRULE(this.expression)));
      this.OPTION(() => this.CONSUME(Comma));
    });
    return this.make(build.settingsBlock, open, entries, this.CONSUME(RightBrace));
  });

  private readonly kind = this.RULE("kind", (): Kind => {
    const word = this.CONSUME(NameWord);
    const call = this.OPTION(() => this.SUBRULE(this.call));
    const axes = this.OPTION2(() => this.SUBRULE(this.list));
    return this.make(build.kind, word, call, axes);
  });

  private readonly expression = this.RULE("expression", (): Expression => {
    const first = this.SUBRULE(this.sum);
    let steps: Expression[] | undefined;
    this.MANY(() => {
      this.CONSUME(Arrow);
      (steps ??= [first]).push(this.SUBRULE2(this.sum));
    });
    return steps ? this.build(build.pipeline, steps) : first;
  });

  private readonly sum = this.RULE("sum", (): Expression => {
    let left = this.SUBRULE(this.product);
    this.MANY(() => {
      const operator = this.OR([{ ALT: () => this.CONSUME(Plus) }, { ALT: () => this.CONSUME(Minus) }]);
      left = this.make(build.binary, left, operator, this.SUBRULE2(this.product));
    });
    return left;
  });

  private readonly product = this.RULE("product", (): Expression => {
    let left = this.SUBRULE(this.unary);
    this.MANY(() => {
      const operator = this.OR([{ ALT: () => this.CONSUME(Star) }, { ALT: () => this.CONSUME(Slash) }]);
      left = this.make(build.binary, left, operator, this.SUBRULE2(this.unary));
    });
    return left;
  });

  private readonly unary = this.RULE("unary", (): Expression => {
    const minus = this.OPTION(() => this.CONSUME(Minus));
    let value = this.SUBRULE(this.primary);
    this.MANY(() =>
      this.OR([
        {
          ALT: () => {
            this.CONSUME(Dot);
            const member = this.OR2([
              { ALT: () => this.CONSUME(NameWord) },
              { ALT: () => this.CONSUME(StringLiteral) },
            ]);
            value = this.make(build.member, value, member);
          },
        },
        {
          ALT: () => {
            this.CONSUME(Apply);
            value = this.make(build.applied, value, this.SUBRULE(this.call));
          },
        },
      ]),
    );
    return minus ? this.make(build.negate, minus, value) : value;
  });

  private readonly primary = this.RULE("primary", (): Expression =>
    this.OR([
      { ALT: () => this.make(build.number, this.CONSUME(NumberLiteral)) },
      { ALT: () => this.make(build.string, this.CONSUME(StringLiteral)) },
      { ALT: () => this.make(build.boolean, this.CONSUME(BooleanLiteral)) },
      {
        ALT: () => {
          const word = this.CONSUME(NameWord);
          return this.make(
            build.reference,
            word,
            this.OPTION(() => this.SUBRULE(this.call)),
          );
        },
      },
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.settings) },
      {
        ALT: () => {
          const open = this.CONSUME(LeftParenthesis);
          const inner = this.SUBRULE(this.expression);
          return this.make(build.group, open, inner, this.CONSUME(RightParenthesis));
        },
      },
      { ALT: () => this.make(build.missing, this.CONSUME(Missing)) },
    ]),
  );

  private readonly list = this.RULE("list", () => {
    const open = this.CONSUME(LeftBracket);
    const items: Expression[] = [];
    this.OPTION(() => {
      items.push(this.SUBRULE(this.expression));
      this.MANY({
        GATE: () => this.LA(2).tokenType !== RightBracket,
        DEF: () => {
          this.CONSUME(Comma);
          items.push(this.SUBRULE2(this.expression));
        },
      });
      this.OPTION2(() => this.CONSUME2(Comma));
    });
    return this.make(build.list, open, items, this.CONSUME(RightBracket));
  });

  /** The parentheses after a name. */
  private readonly call = this.RULE("call", () => {
    this.CONSUME(LeftParenthesis);
    const given: Argument[] = [];
    this.OPTION(() => {
      given.push(this.SUBRULE(this.argument));
      this.MANY({
        GATE: () => this.LA(2).tokenType !== RightParenthesis,
        DEF: () => {
          this.CONSUME(Comma);
          given.push(this.SUBRULE2(this.argument));
        },
      });
      this.OPTION2(() => this.CONSUME2(Comma));
    });
    const close = this.CONSUME(RightParenthesis);
    return { given, close };
  });

  private readonly argument = this.RULE("argument", (): Argument => {
    const name = this.OPTION(() => {
      const key = this.SUBRULE(this.key);
      this.CONSUME(Colon);
      return key;
    });
    return this.build(build.argument, name, this.SUBRULE(this.expression));
  });

  private readonly name = this.RULE("name", (): Name => this.make(build.name, this.CONSUME(NameWord)));
  private readonly key = this.RULE("key", (): Name => this.make(build.name, this.CONSUME(Key)));
}

let grammar: Grammar | undefined;

export interface Parsed {
  readonly declaration?: Declaration;
  /** The first token that fitted nowhere. */
  readonly offending?: IToken;
}

/** Parses the tokens of one declaration. */
export function parseDeclaration(tokens: readonly Token[], file: string): Parsed {
  grammar ??= new Grammar();
  grammar.file = file;
  grammar.input = tokens.map(toChevrotain);
  const declaration = grammar.declaration();
  const [error] = grammar.errors;
  return error ? { offending: error.token } : { declaration };
}

function toChevrotain(token: Token): IToken {
  const tokenType = types.get(token.kind);
  if (tokenType?.tokenTypeIdx === undefined) throw new Error(`no token type for ${token.kind}`);
  const { text: image, start: startOffset, end } = token;
  return { image, startOffset, endOffset: end - 1, tokenType, tokenTypeIdx: tokenType.tokenTypeIdx };
}
