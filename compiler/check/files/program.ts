import type {
  Declaration,
  InputDeclaration,
  ModelDeclaration,
  SectionDeclaration,
  SourceTree,
  ValueDeclaration,
} from "../../../grammar/tree.ts";
import { report } from "../../diagnostics/diagnostic.ts";
import { names } from "../../diagnostics/names.ts";
import { shapes } from "../../diagnostics/shapes.ts";
import type { Input, Instruction, Model, Penalty, Task } from "../../ir/model.ts";
import { showNamedType } from "../../layers/types.ts";
import { nameResult } from "../network/results.ts";
import { poison } from "../network/tensors.ts";
import type { Context } from "../context/context.ts";
import { checkNames, declare, meantDeclaration } from "./declarations.ts";
import { checkLibraryDeclaration, passOver } from "./file.ts";
import { guesses } from "./guesses.ts";
import type { Libraries } from "./imports.ts";
import { checkData } from "../sections/data.ts";
import type { ProgramFacts } from "../sections/facts.ts";
import { checkTrain } from "../sections/train.ts";
import { checkInput } from "../tasks/inputs.ts";
import type { TaskDraft } from "../tasks/task-draft.ts";
import { understood, type Understood } from "./understood.ts";
import { checkTaskDeclaration } from "../tasks/task-heads.ts";

/** A file that holds a model, worked through from top to bottom. */
export class Program {
  private readonly context: Context;
  private readonly libraries: Libraries;
  private readonly tree: SourceTree;
  private model: ModelDeclaration | undefined;
  private readonly inputs: Input[] = [];
  private readonly instructions: Instruction[] = [];
  private readonly shared: Model["shared"][number][] = [];
  private readonly tasks: Task[] = [];
  private readonly drafts: TaskDraft[] = [];
  private readonly groups = new Map<string, readonly string[]>();
  private readonly penalties: Penalty[] = [];
  private readonly sections: SectionDeclaration[] = [];

  /** The context is the end of the file. */
  constructor(context: Context, libraries: Libraries, tree: SourceTree) {
    this.context = context;
    this.libraries = libraries;
    this.tree = tree;
  }

  /** Checks everything; the model is whole if no error was reported. */
  check(): Model {
    const { context, tree } = this;
    tree.declarations.forEach((written, index) => {
      const here = context.declaration(index);
      const declaration = written.kind === "unknown" ? meantDeclaration(here, written) : written;
      if (!checkLibraryDeclaration(here, this.libraries, declaration, false)) this.declaration(here, declaration);
    });
    const facts: ProgramFacts = {
      inputs: this.inputs,
      tasks: this.drafts.filter(({ name }) => name !== ""),
      groups: this.groups,
      owners: [...context.scope.file.entities.values()]
        .filter(({ declared: { kind } }) => kind === "layer" || kind === "shared" || kind === "task")
        .map(({ declared }) => declared.name),
      sections: this.sections,
    };
    const sectionsOf = (kind: SectionDeclaration["kind"]) => this.sections.filter((section) => section.kind === kind);
    const phases = checkTrain(context, sectionsOf("train"), facts);
    const data = checkData(context, sectionsOf("data"), facts);
    checkNames(context, false);
    this.checkParts();
    return {
      name: this.model?.name?.text ?? "Model",
      ...(this.model?.doc !== undefined && { doc: this.model.doc }),
      inputs: this.inputs,
      instructions: this.instructions,
      shared: this.shared,
      tasks: this.tasks,
      penalties: this.penalties,
      phases,
      data,
      searches: [...context.check.searches.values()],
    };
  }

  /** What can be looked at in the data of a checked model, whatever is wrong with the rest of it. */
  understood(model: Model): Understood {
    return understood(model, this.drafts, this.context.check);
  }

  private declaration(here: Context, declaration: Declaration): void {
    switch (declaration.kind) {
      case "model":
        return this.modelDeclaration(declaration);
      case "input":
        return this.input(here, declaration);
      case "shared":
        return this.sharedTensor(here, declaration);
      case "penalty":
        return this.penalty(here, declaration);
      case "task": {
        const { meaning, tasks, drafts, instructions } = checkTaskDeclaration(here, declaration);
        this.instructions.push(...instructions);
        this.tasks.push(...tasks);
        this.drafts.push(...drafts);
        if (meaning.members)
          this.groups.set(
            meaning.name,
            drafts.map((draft) => draft.name),
          );
        declare(here, declaration.name, "task", { kind: "task", task: meaning });
        return;
      }
      case "train":
      case "data":
        this.sections.push(declaration);
        return;
      case "import":
      case "const":
      case "layer":
      case "block":
      case "unknown":
        return passOver(here, declaration);
      default:
        return declaration satisfies never;
    }
  }

  private modelDeclaration(declaration: ModelDeclaration): void {
    if (this.model === undefined) {
      this.model = declaration;
      return;
    }
    const first = this.model.name?.span ?? this.model.keyword;
    this.context.report(
      report(
        names.secondModel,
        { name: declaration.name?.text ?? "" },
        {
          span: declaration.name?.span ?? declaration.keyword,
          labels: [{ span: first, message: "the first is here" }],
        },
      ),
    );
  }

  private input(here: Context, declaration: InputDeclaration): void {
    const { name } = declaration;
    const input = checkInput(here.ownedBy(name?.text ?? ""), declaration);
    const origin = declaration.type?.span ?? declaration.span;
    const tensor = input ? { value: input.name, type: input.type, origin } : poison(origin);
    if (input && !here.scope.file.entities.has(input.name)) {
      this.inputs.push(input);
      if (input.kind.word === "tokens") this.context.check.axes[input.name] = input.kind.length;
    }
    declare(here, name, "input", { kind: "tensor", tensor });
  }

  private sharedTensor(here: Context, declaration: ValueDeclaration): void {
    const name = declaration.name?.text ?? "";
    const context = here.ownedBy(name);
    const tensor = nameResult(context, context.elaborate(declaration.value));
    this.instructions.push(...context.instructions);
    this.shared.push({ name, value: tensor.value, ...(declaration.doc !== undefined && { doc: declaration.doc }) });
    declare(here, declaration.name, "shared", { kind: "tensor", tensor });
  }

  private penalty(here: Context, declaration: ValueDeclaration): void {
    const name = declaration.name?.text ?? "";
    const context = here.ownedBy(name);
    const { value, type } = nameResult(context, context.elaborate(declaration.value));
    if (type !== null && type.shape.length > 0)
      this.context.report(
        report(
          shapes.penaltyNotScalar,
          { name: name === "" ? "without a name" : `\`${name}\``, shape: showNamedType(type) },
          { span: declaration.value.span, help: "reduce it: `mean(…)` or `sum(…)`" },
        ),
      );
    this.instructions.push(...context.instructions);
    this.penalties.push({ name, value, span: declaration.name?.span ?? declaration.span });
    declare(here, declaration.name, "penalty", { kind: "penalty" });
  }

  /** A model needs something to look at, to predict and to learn from. */
  private checkParts(): void {
    const { declarations } = this.tree;
    if (this.model === undefined) return this.reportNoModel();
    if (guesses(this.tree).length > 0 || declarations.some(({ kind }) => kind === "unknown")) return;
    const lacks = (["input", "task", "data"] as const).filter(
      (part) => !declarations.some(({ kind }) => kind === part),
    );
    if (lacks.length === 0) return;
    this.context.report(
      report(
        names.modelLacks,
        { name: this.model.name?.text ?? "", parts: lacks },
        {
          span: this.model.name?.span ?? this.model.keyword,
          help: `write \`${lacks.map((part) => partExamples[part]).join("`, `")}\``,
        },
      ),
    );
  }

  private reportNoModel(): void {
    const first = this.tree.declarations.find(({ kind }) => modelParts.has(kind));
    if (!first || this.context.check.damaged.has(this.tree.file)) return;
    const start = { file: this.tree.file, start: 0, end: 0 };
    this.context.report(
      report(
        names.noModel,
        { what: `\`${this.context.textAt(first.keyword)}\`` },
        {
          span: first.keyword,
          help: "name the model in a line above: `model Name`",
          fixes: [{ title: "declare a model", edits: [{ span: start, text: "model Name\n\n" }] }],
        },
      ),
    );
  }
}

/** The least of each part that a model needs. */
const partExamples = {
  input: "input x: f32[8]",
  task: "task y: real { head: x -> dense }",
  data: 'data { train: csv("rows.csv") }',
} as const;

/** Declarations that only a model has. */
export const modelParts: ReadonlySet<Declaration["kind"]> = new Set([
  ...(["model", "input", "shared", "task", "penalty", "train", "data"] as const),
]);
