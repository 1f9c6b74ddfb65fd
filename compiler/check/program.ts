import type {
  Declaration,
  InputDeclaration,
  ModelDeclaration,
  SectionDeclaration,
  SourceTree,
  ValueDeclaration,
} from "../../grammar/tree.ts";
import { report } from "../diagnostics/diagnostic.ts";
import { names } from "../diagnostics/names.ts";
import { shapes } from "../diagnostics/shapes.ts";
import type { Input, Instruction, Model, Penalty, Task } from "../ir/model.ts";
import { showNamedType } from "../layers/types.ts";
import type { ProgramFacts, TaskDraft } from "./context.ts";
import { checkData } from "./data.ts";
import { checkNames, declare, meantDeclaration } from "./declarations.ts";
import { elaborate, poison } from "./expressions.ts";
import { checkLibraryDeclaration, declarationFrame, passOver } from "./file.ts";
import { contextOf } from "./frame-context.ts";
import type { Libraries } from "./imports.ts";
import { checkInput } from "./inputs.ts";
import { nameResult } from "./results.ts";
import type { FileScope } from "./scope.ts";
import type { Session } from "./session.ts";

import { checkTaskDeclaration } from "./task-heads.ts";
import { checkTrain } from "./train.ts";

/** A file that holds a model, worked through from top to bottom. */
export class Program {
  private readonly session: Session;
  private readonly scope: FileScope;
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

  constructor(session: Session, scope: FileScope, libraries: Libraries, tree: SourceTree) {
    this.session = session;
    this.scope = scope;
    this.libraries = libraries;
    this.tree = tree;
  }

  /** Checks everything; the model is whole if no error was reported. */
  check(): Model {
    const { session, scope, tree } = this;
    tree.declarations.forEach((written, index) => {
      const here = { file: scope, locals: null, limit: index };
      const declaration = written.kind === "unknown" ? meantDeclaration(session, here, written) : written;
      if (!checkLibraryDeclaration(session, scope, this.libraries, declaration, index, false))
        this.declaration(declaration, index);
    });
    const end = contextOf(session, declarationFrame(scope, Number.POSITIVE_INFINITY, ""));
    const facts: ProgramFacts = {
      inputs: this.inputs,
      tasks: this.drafts,
      groups: this.groups,
      owners: [...scope.entities.values()]
        .filter(({ declared: { kind } }) => kind === "layer" || kind === "shared" || kind === "task")
        .map(({ declared }) => declared.name),
      sections: this.sections,
    };
    const sectionsOf = (kind: SectionDeclaration["kind"]) => this.sections.filter((section) => section.kind === kind);
    const phases = checkTrain(sectionsOf("train"), facts, end);
    const data = checkData(sectionsOf("data"), facts, end);
    checkNames(session, scope, false);
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
      searches: [...session.searches.values()],
    };
  }

  private declaration(declaration: Declaration, index: number): void {
    switch (declaration.kind) {
      case "model":
        return this.modelDeclaration(declaration);
      case "input":
        return this.input(declaration, index);
      case "shared":
        return this.sharedTensor(declaration, index);
      case "penalty":
        return this.penalty(declaration, index);
      case "task": {
        const { meaning, tasks, drafts, instructions } = checkTaskDeclaration(
          this.session,
          this.scope,
          declaration,
          index,
        );
        this.instructions.push(...instructions);
        this.tasks.push(...tasks);
        this.drafts.push(...drafts);
        if (meaning.members)
          this.groups.set(
            meaning.name,
            drafts.map((draft) => draft.name),
          );
        declare(this.session, this.scope, declaration.name, "task", { kind: "task", task: meaning }, index);
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
        return passOver(this.session, this.scope, declaration, index);
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
    this.session.report(
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

  private input(declaration: InputDeclaration, index: number): void {
    const { name } = declaration;
    const frame = declarationFrame(this.scope, index, name?.text ?? "");
    const input = checkInput(declaration, contextOf(this.session, frame));
    const origin = declaration.type?.span ?? declaration.span;
    const tensor = input ? { value: input.name, type: input.type, origin } : poison(origin);
    if (input && !this.scope.entities.has(input.name)) {
      this.inputs.push(input);
      if (input.kind.word === "tokens") this.session.axes[input.name] = input.kind.length;
    }
    declare(this.session, this.scope, name, "input", { kind: "tensor", tensor }, index);
  }

  private sharedTensor(declaration: ValueDeclaration, index: number): void {
    const name = declaration.name?.text ?? "";
    const frame = declarationFrame(this.scope, index, name);
    const made = elaborate(this.session, frame, declaration.value);
    const tensor = nameResult(frame, made);
    this.instructions.push(...frame.instructions);
    this.shared.push({ name, value: tensor.value, ...(declaration.doc !== undefined && { doc: declaration.doc }) });
    declare(this.session, this.scope, declaration.name, "shared", { kind: "tensor", tensor }, index);
  }

  private penalty(declaration: ValueDeclaration, index: number): void {
    const name = declaration.name?.text ?? "";
    const frame = declarationFrame(this.scope, index, name);
    const { value, type } = nameResult(frame, elaborate(this.session, frame, declaration.value));
    if (type !== null && type.shape.length > 0)
      this.session.report(
        report(
          shapes.penaltyNotScalar,
          { name: `\`${name}\``, shape: showNamedType(type) },
          { span: declaration.value.span, help: "reduce it: `mean(…)` or `sum(…)`" },
        ),
      );
    this.instructions.push(...frame.instructions);
    this.penalties.push({ name, value, span: declaration.name?.span ?? declaration.span });
    declare(this.session, this.scope, declaration.name, "penalty", { kind: "penalty" }, index);
  }

  /** A model needs something to look at, to predict and to learn from. */
  private checkParts(): void {
    const { declarations, problems } = this.tree;
    if (this.model === undefined) return this.reportNoModel();
    if (problems.length > 0 || declarations.some(({ kind }) => kind === "unknown")) return;
    const lacks = (["input", "task", "data"] as const).filter(
      (part) => !declarations.some(({ kind }) => kind === part),
    );
    if (lacks.length === 0) return;
    this.session.report(
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
    if (!first || this.session.damaged.has(this.scope.file)) return;
    const start = { file: this.tree.file, start: 0, end: 0 };
    this.session.report(
      report(
        names.noModel,
        { what: `\`${this.session.textAt(first.keyword)}\`` },
        {
          span: first.keyword,
          help: "name the model in a line above: `model Name`",
          fixes: [{ title: "declare a model", edits: [{ span: start, text: "model Name\n\n" }] }],
        },
      ),
    );
  }
}

/** Declarations that only a model has. */
/** The least of each part that a model needs. */
const partExamples = {
  input: "input x: f32[8]",
  task: "task y: real { head: x -> dense }",
  data: 'data { train: csv("rows.csv") }',
} as const;

export const modelParts: ReadonlySet<Declaration["kind"]> = new Set([
  ...(["model", "input", "shared", "task", "penalty", "train", "data"] as const),
]);
