import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { running } from "./running.js";
import type { Credentials } from "./variables.js";

/** The first start of a clone builds all functions. */
const PATIENCE_MS = 600_000;

/** Starts `make local`. It ends when its standard input does, so it cannot outlive the tests. */
export async function begin(folder: string, template: string): Promise<{ credentials: Credentials; stop: () => Promise<void> }> {
  const make = spawn("make", ["--no-print-directory", "-C", folder, "local", `TEMPLATE=${template}`, "UNTIL_EOF=1"]);
  const said: string[] = [];
  for (const stream of [make.stdout, make.stderr]) stream.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const ended = once(make, "close");
  make.unref(); // a test that does not stop it can end all the same, and then so does the command
  for (const stream of [make.stdin, make.stdout, make.stderr] as unknown as Socket[]) stream.unref();
  const stop = async (): Promise<void> => {
    make.ref();
    make.stdin.end();
    await ended;
  };
  const credentials = await ready(make, said, folder, template);
  return { credentials, stop };
}

async function ready(make: ChildProcess, said: string[], folder: string, template: string): Promise<Credentials> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await wait(200)) {
    const found = running(folder, template);
    if (found) return found;
    if (make.exitCode !== null || make.signalCode !== null) throw new Error(lastLine(said.join("")));
  }
  make.stdin?.end();
  throw new Error(`latchkey: make local was not ready within ${PATIENCE_MS / 1000} seconds`);
}

/** The one line in which the command says what is wrong; make adds one of its own. */
function lastLine(text: string): string {
  return text.split("\n").filter((line) => line && !line.startsWith("make")).at(-1) ?? "make local said nothing";
}
