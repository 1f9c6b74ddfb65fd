/** What options are called elsewhere. The first row whose option the command has tells what is written here. */
export interface ForeignOption {
  /** Without dashes, in lower case, `-` for `_`. */
  readonly names: readonly string[];
  readonly option: string;
  /** Its value, where the name says it. */
  readonly value?: string;
}

const destination = [
  "o",
  "out",
  "output",
  "output-file",
  "outfile",
  "to",
  "target",
  "save",
  "save-to",
  "save-as",
  "dest",
];
const folders = ["output-dir", "outdir", "save-dir", "log-dir", "logdir", "run-dir", "checkpoint-dir", "folder", "dir"];

export const foreignOptions: readonly ForeignOption[] = [
  { names: [...destination, ...folders, "name", "run-name", "experiment"], option: "run" },
  { names: ["target", "t", "emit", "backend", "language", "lang"], option: "to" },
  { names: [...destination, ...folders, "output-path"], option: "out" },
  { names: [...destination, ...folders, "output-path"], option: "to" },
  { names: ["typescript", "ts", "tfjs"], option: "to", value: "typescript" },
  { names: ["onnx"], option: "to", value: "onnx" },
  ...["json", "sarif", "github", "csv", "jsonl"].map((word) => ({ names: [word], option: "format", value: word })),
  { names: ["output-format", "fmt", "f", "reporter", "as"], option: "format" },
  { names: ["gpu", "cuda", "use-gpu", "gpus"], option: "device", value: "cuda" },
  { names: ["cpu", "no-gpu", "no-cuda"], option: "device", value: "cpu" },
  { names: ["webgpu"], option: "device", value: "webgpu" },
  { names: ["accelerator"], option: "device" },
  { names: ["backend", "provider", "runtime", "execution-provider"], option: "engine" },
  { names: ["workers", "jobs", "j", "num-threads", "num-workers", "n-jobs", "cores", "cpus"], option: "threads" },
  { names: ["random-state", "random-seed", "manual-seed"], option: "seed" },
  { names: ["continue", "restart", "restore", "resume-from", "ckpt-path", "resume-from-checkpoint"], option: "resume" },
  { names: ["smoke", "fast-dev-run", "sanity", "test-run", "n"], option: "dry-run" },
  { names: ["test", "data", "dataset", "rows", "file", "input", "test-data", "i", "split"], option: "on" },
  { names: ["override", "overrides", "config", "param", "params", "hparams", "define", "d"], option: "set" },
  { names: ["batch-size"], option: "batch" },
  { names: ["resamples", "draws", "n-bootstrap", "samples", "intervals"], option: "bootstrap" },
  { names: ["autofix", "write", "w", "repair"], option: "fix" },
  { names: ["read-data", "full", "deep", "all"], option: "data" },
  { names: ["input-format", "type"], option: "from" },
  { names: ["verify", "dry-run"], option: "check" },
  { names: ["trace", "traceback", "stack"], option: "debug" },
];
