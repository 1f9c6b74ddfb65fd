import { advice as rows } from "../../diagnostics/advice.ts";
import { report, type Diagnostic } from "../../diagnostics/diagnostic.ts";
import { hasLoss } from "../../ir/kinds.ts";
import type { Model, Phase } from "../../ir/model.ts";
import { writtenLeaks } from "../../leaks.ts";
import { groupsRead, normsOfOne, weightless } from "./useless.ts";
import { alternatives } from "../../registry/describe.ts";
import type { Registry } from "../../registry/registry.ts";
import { adviseChannels } from "../network/channels-first.ts";

/** What is probably not meant, in a model without mistakes. */
export function advise(model: Model, registry: Registry): Diagnostic[] {
  const found: Diagnostic[] = [];
  const learnt = model.tasks.filter(hasLoss);
  const [first] = learnt;
  if (first && learnt.every((task) => task.role === "auxiliary"))
    found.push(report(rows.allAuxiliary, {}, { span: first.span, help: "leave `role` out of one of them" }));
  found.push(...writtenLeaks(model), ...groupsRead(model), ...weightless(model), ...normsOfOne(model, registry));
  found.push(...adviseChannels(model));
  let before: Phase | undefined;
  for (const phase of model.phases) {
    // What a phase has kept from the one before was said there.
    if (before === undefined || phase.balance !== before.balance) found.push(...adviseBalance(model, phase, registry));
    if (before === undefined || phase.sampling !== before.sampling)
      found.push(...adviseSampling(model, phase, registry));
    before = phase;
  }
  return found;
}

function adviseBalance(model: Model, phase: Phase, registry: Registry): Diagnostic[] {
  const learnt = model.tasks.filter(hasLoss);
  const rules = phase.balance.filter((rule) => rule.word !== "static");
  const { span } = phase;
  if (learnt.length < 2)
    return rules
      .slice(0, 1)
      .map((rule) => report(rows.balanceForOne, { rule: rule.word }, { span, help: "leave `balance` out" }));
  const found: Diagnostic[] = [];
  const weighted = learnt.filter((task) => task.weight !== 1);
  const undoing = rules.find(({ word, settings }) => registry.balance.get(word)?.ignoresWeights?.(settings));
  if (undoing && weighted.length > 0) {
    const tasks = weighted.map((task) => `\`${task.name}\``).join(", ");
    found.push(report(rows.weightWithoutEffect, { rule: undoing.word, tasks }, { span: weighted[0].span }));
  }
  const last = rules.at(-1);
  if (last && registry.balance.get(last.word)?.family === "gradient" && learnt.length > 64)
    found.push(report(rows.manyTasks, { rule: last.word, tasks: learnt.length }, { span }));
  return found;
}

function adviseSampling(model: Model, phase: Phase, registry: Registry): Diagnostic[] {
  const { sampling, span } = phase;
  if (model.data.length < 2)
    return sampling
      ? [report(rows.samplingForOne, { sampling: sampling.word }, { span, help: "leave `sampling` out" })]
      : [];
  const last = phase.balance.at(-1);
  const gradient = last && registry.balance.get(last.word)?.family === "gradient" ? last.word : undefined;
  const word = sampling?.word ?? (gradient === undefined ? "proportional" : "every");
  if (word === "every") return [];
  const found: Diagnostic[] = [];
  if (gradient !== undefined)
    found.push(
      report(
        rows.gradientRuleAlternating,
        { rule: gradient, sampling: word },
        { span, help: `write ${alternatives(["`sampling: every`"])}` },
      ),
    );
  const norm = model.instructions.find(({ layer }) => registry.layer.get(layer)?.states !== undefined);
  if (norm)
    found.push(
      report(
        rows.normOnAlternating,
        { layer: norm.path, sampling: word },
        { span: norm.span, help: "use `layer_norm`, or `sampling: every`" },
      ),
    );
  return found;
}
