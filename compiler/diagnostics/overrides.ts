import { diagnostic } from "./diagnostic.ts";

/** MTL85xx, MTL8311: keys of `train` that are set from the command line. */
export const overrides = {
  notAnOverride: diagnostic<{ text: string }>({
    code: "MTL8501",
    name: "not-a-setting-of-train",
    severity: "error",
    message: ({ text }) => `\`${text}\` does not name a key of \`train\``,
    why: "`--set` takes `train.KEY=VALUE` for every phase, or `train.PHASE.KEY=VALUE` for one. The value is written as in a file.",
    bad: "mtlc train digits.mtl --set epochs=3",
    good: "mtlc train digits.mtl --set train.epochs=3",
    wrap: "run",
  }),
  leftOver: diagnostic<{ value: string; rest: string }>({
    code: "MTL8311",
    name: "left-over-behind-a-value",
    severity: "error",
    message: ({ value, rest }) => `\`${rest}\` is left over behind \`${value}\``,
    why: "`--set` takes one key with one value. Each further one has a `--set` of its own.",
    bad: "mtlc train digits.mtl --set train.epochs=3,train.batch=8",
    good: "mtlc train digits.mtl --set train.epochs=3 --set train.batch=8",
    wrap: "run",
  }),
  noSuchPhase: diagnostic<{ section: string }>({
    code: "MTL8502",
    name: "no-such-phase",
    severity: "error",
    message: ({ section }) => `the file has no section \`train ${section}\``,
    why: "`train.PHASE.KEY=VALUE` sets a key of the phase of that name.",
    bad: "mtlc train digits.mtl --set train.finsh.epochs=3",
    good: "mtlc train digits.mtl --set train.finish.epochs=3",
    wrap: "run",
  }),
};
