import { createRequire } from "node:module";
import { join } from "node:path";
import { isCode } from "../../error-codes.ts";
import { PLAIN_BACKEND } from "./backends.ts";

/** The packages of TensorFlow.js. None comes with the program: each is loaded when its engine is asked for. */
export type TfjsEngineName = "tfjs" | "tfjs-node" | "tfjs-node-gpu";

/** What the engines are written and tested against; the three packages share their numbers. */
export const TFJS_VERSION = "4.22.0";

export const PACKAGES: Readonly<Record<TfjsEngineName, { readonly name: string; readonly backend: string }>> = {
  tfjs: { name: "@tensorflow/tfjs", backend: PLAIN_BACKEND },
  "tfjs-node": { name: "@tensorflow/tfjs-node", backend: "tensorflow" },
  "tfjs-node-gpu": { name: "@tensorflow/tfjs-node-gpu", backend: "tensorflow" },
};

/** The line that puts an engine's package where the program finds it, and its binding into it. */
export function installation(engine: TfjsEngineName): string {
  const { name } = PACKAGES[engine];
  const install = `npm install ${name}@${TFJS_VERSION}`;
  return engine === "tfjs" ? install : `${install} && npm rebuild ${name}`;
}

/** What the device `webgpu` of plain TensorFlow.js needs beside it: its backend, and WebGPU itself, which Node does not have. */
export const WEBGPU = { backend: "@tensorflow/tfjs-backend-webgpu", adapters: "webgpu" } as const;

export const WEBGPU_INSTALLATION = `npm install ${PACKAGES.tfjs.name}@${TFJS_VERSION} ${WEBGPU.backend}@${TFJS_VERSION} ${WEBGPU.adapters}`;

/** How to load a package from where the program is installed, else from the working folder; null where it is in neither. */
export function requireFor(name: string): NodeJS.Require | null {
  return requireBeside(import.meta.url, name) ?? requireBeside(workingFolder(), name);
}

function workingFolder(): string {
  return join(process.cwd(), "package.json");
}

function requireBeside(place: string, name: string): NodeJS.Require | null {
  const require = createRequire(place);
  try {
    require.resolve(name);
    return require;
  } catch (problem) {
    if (!isCode(problem, "MODULE_NOT_FOUND")) throw problem;
    return null;
  }
}

/**
 * The package of an engine's device that would come from the working folder, and not from where the program is installed. It is
 * looked for and not loaded: whose it is the program cannot know.
 */
export function foundInWorkingFolder(engine: string, device: string): string | null {
  const own = Object.entries(PACKAGES).flatMap(([name, found]) => (name === engine ? found.name : []));
  const names = engine === "tfjs" && device === "webgpu" ? [...own, WEBGPU.backend, WEBGPU.adapters] : own;
  const isForeign = (name: string): boolean =>
    requireBeside(import.meta.url, name) === null && requireBeside(workingFolder(), name) !== null;
  return names.find(isForeign) ?? null;
}

export function isInstalled(engine: TfjsEngineName): boolean {
  return requireFor(PACKAGES[engine].name) !== null;
}
