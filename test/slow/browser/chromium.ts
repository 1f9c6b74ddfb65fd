import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A headless Chromium, and a server on this machine for the one page that it opens. */

const names = ["chromium", "chromium-browser", "google-chrome"];

/** The command of a Chromium, installed from Debian's packages where there is none; null where it cannot be had. */
export function findChromium(): string | null {
  const found = names.find(answers);
  if (found !== undefined) return found;
  try {
    execFileSync("apt-get", ["update"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "--yes", "--no-install-recommends", "chromium"], { stdio: "ignore" });
  } catch {
    return null;
  }
  return names.find(answers) ?? null;
}

function answers(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export interface Content {
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** Opens a page and waits for what it sends to `/outcome`. `contentOf` brings what lies at a path of the server. */
export async function outcomeOf(chromium: string, contentOf: (path: string) => Content | null): Promise<unknown> {
  const profile = mkdtempSync(join(tmpdir(), "mtlc-chromium-"));
  let browser: ChildProcess | undefined;
  const { promise, resolve, reject } = withResolvers<unknown>();
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? "/");
    if (path === "/outcome") {
      const pieces: Buffer[] = [];
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        response.end();
        resolve(JSON.parse(Buffer.concat(pieces).toString("utf8")));
      });
      return;
    }
    const content = contentOf(path);
    response.writeHead(content ? 200 : 404, { "content-type": content?.type ?? "text/plain" });
    response.end(content?.body);
  });
  try {
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    const flags = ["--headless=new", "--no-sandbox", "--no-first-run", `--user-data-dir=${profile}`];
    const webgl = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"];
    browser = spawn(chromium, [...flags, ...webgl, `http://127.0.0.1:${address.port}/`], { stdio: "ignore" });
    browser.on("error", reject);
    browser.on("exit", (code) => reject(new Error(`Chromium ended with ${code} before the page had answered`)));
    return await promise;
  } finally {
    if (browser) {
      const ended = new Promise((done) => browser?.once("exit", done));
      if (browser.exitCode === null && browser.kill()) await ended;
    }
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (problem: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
