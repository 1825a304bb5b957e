import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fromVariables, type Credentials } from "./variables.js";

/** The folder of Latchkey's clone. */
export function latchkeyFolder(): string {
  const candidates = process.env["LATCHKEY_DIR"] ? [process.env["LATCHKEY_DIR"]] : [];
  for (let at = process.cwd(); ; at = dirname(at)) {
    candidates.push(at, join(at, "latchkey"));
    if (at === dirname(at)) break;
  }
  const found = candidates.find((folder) => existsSync(join(folder, "local", "guarded.py")));
  if (!found) throw new Error("latchkey: set LATCHKEY_DIR to the folder of Latchkey");
  return found;
}

/** What `make local` serves for that template, or undefined. Its env file is there when all is ready. */
export function running(folder: string, template: string): Credentials | undefined {
  let text: string;
  try {
    text = readFileSync(join(folder, ".local", "guarded", "credentials.env"), "utf8");
  } catch {
    return undefined;
  }
  const lines = text.split("\n").filter((line) => line.includes("="));
  const variables = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  return variables["LATCHKEY_TEMPLATE"] === template ? fromVariables(variables) : undefined;
}
