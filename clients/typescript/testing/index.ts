/**
 * Gives a test of your own API a Latchkey that guards it on this machine, with a credential of each kind.
 *
 *     const latchkey = await startLatchkey("template.yaml");
 *     const answer = await latchkey.fetch("/api/campaigns", latchkey.readOnlyKey, { method: "POST" }); // 403
 *     await latchkey.stop();
 *
 * It runs `make local` of Latchkey's folder, or attaches to the one that you have started. For Node only.
 */
import { resolve } from "node:path";
import { begin } from "./begin.js";
import { latchkeyFolder, running } from "./running.js";
import { fromVariables, type Credentials } from "./variables.js";

export type { Credentials };

export interface Stack extends Credentials {
  /** Sends one request with a credential, or without one. `path` may be a whole URL, of another API. It follows no redirect. */
  fetch(path: string, credential?: string, init?: RequestInit): Promise<Response>;
  /** Ends what startLatchkey began, and resolves when all of it is removed. One that it attached to goes on. */
  stop(): Promise<void>;
}

/**
 * If the shell has sourced the env file of a `make local`, or one runs for this template, it uses that one. LATCHKEY_DIR says
 * where Latchkey is; otherwise it is the folder `latchkey` beside this one or one above it.
 */
export async function startLatchkey(template = "template.yaml"): Promise<Stack> {
  const path = resolve(template);
  const sourced = fromVariables(process.env);
  if (sourced) return stack(sourced, async () => undefined);
  const folder = latchkeyFolder();
  const found = running(folder, path);
  if (found) return stack(found, async () => undefined);
  const { credentials, stop } = await begin(folder, path);
  return stack(credentials, stop);
}

function stack(credentials: Credentials, stop: () => Promise<void>): Stack {
  return {
    ...credentials,
    stop,
    fetch(path, credential, init = {}) {
      const headers = new Headers(init.headers);
      if (credential) headers.set("Authorization", `Bearer ${credential}`);
      return fetch(new URL(path, credentials.url), { redirect: "manual", ...init, headers });
    },
  };
}
