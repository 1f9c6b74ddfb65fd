import type { Task } from "../../ir/model.ts";
import { looksBack, type WrittenBalance, type WrittenRule } from "./balance.ts";
import { literalCode } from "./literal.ts";
import { capital, ruleName } from "./names.ts";

type Rule = Pick<WrittenRule, "word" | "key" | "settings">;

/** What `learning` holds beside the optimizer: what rules of the balance remember and train, over all phases. */
export class LearningEntries {
  private readonly weights: readonly number[];
  /** Code by name. */
  private readonly codes = new Map<string, string>();
  /** Learning rates of what rules train, over all phases; null where it is the optimizer's. */
  private readonly rates = new Map<string, Set<number | null>>();

  constructor(balances: readonly WrittenBalance[], tasks: readonly Task[]) {
    this.weights = tasks.map(({ weight }) => weight);
    for (const { rules, gradients } of balances) {
      for (const [k, rule] of rules.entries()) {
        this.addScalars(rule);
        if (looksBack(rule)) this.addBalance(rule, k === 0);
      }
      if (gradients) this.addBalance(gradients, false);
    }
  }

  /** Entries of an object. */
  entries(): string[] {
    return [...this.codes].map(([name, code]) => `${name}: ${code}`);
  }

  /** The code of a rule with its memory: what the first phase that has it calls it, or that with other settings. */
  balance(rule: Rule, seesWritten: boolean): string {
    const name = `learning.${ruleName(rule.key)}`;
    if (this.codes.get(ruleName(rule.key)) === this.code(rule, seesWritten)) return name;
    const weights = this.seen(seesWritten);
    return `${name}.with(${[literalCode(rule.settings), ...(weights ? [literalCode({ weights })] : [])].join(", ")})`;
  }

  private addBalance(rule: Rule, seesWritten: boolean): void {
    const name = ruleName(rule.key);
    if (!this.codes.has(name)) this.codes.set(name, this.code(rule, seesWritten));
  }

  /** Numbers start as the last phase that trains them says. */
  private addScalars(rule: WrittenRule): void {
    for (const { name, start, rate } of rule.trained) {
      const key = scalarKey(rule, name);
      const rates = this.rates.get(key) ?? new Set();
      this.rates.set(key, rates.add(rate));
      const settings = { name: key, start, rate: rates.size === 1 ? (rate ?? undefined) : undefined };
      this.codes.set(scalarName(rule, name), `mtlc.trainedScalars(tf, tasks, ${literalCode(settings)})`);
    }
  }

  /** Rates of what a balance trains, by name, where they are others in other phases. */
  ownRates({ rules }: WrittenBalance): Readonly<Record<string, number>> {
    const entries = rules.flatMap((rule) =>
      rule.trained.flatMap(({ name, rate }) => {
        const key = scalarKey(rule, name);
        return rate !== null && (this.rates.get(key)?.size ?? 0) > 1 ? [[key, rate] as const] : [];
      }),
    );
    return Object.fromEntries(entries);
  }

  /** Written weights that a rule sees. */
  private seen(seesWritten: boolean): readonly number[] | undefined {
    return !seesWritten || this.weights.every((weight) => weight === 1) ? undefined : this.weights;
  }

  private code({ word, key, settings }: Rule, seesWritten: boolean): string {
    const options = { key: key === word ? undefined : key, weights: this.seen(seesWritten) };
    const hasOptions = Object.values(options).some((option) => option !== undefined);
    const further = hasOptions ? [settings, options] : Object.keys(settings).length > 0 ? [settings] : [];
    return `new mtlc.Balance(${["tasks", ...[word, ...further].map(literalCode)].join(", ")})`;
  }
}

/** `s`, or more where several rules train something of that name. */
export function scalarName({ key, word }: Pick<WrittenRule, "key" | "word">, name: string): string {
  return key === word ? name : `${name}Of${capital(ruleName(key))}`;
}

function scalarKey({ key }: Pick<WrittenRule, "key">, name: string): string {
  return `balance.${key}.${name}`;
}
