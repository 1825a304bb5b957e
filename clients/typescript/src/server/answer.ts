import { Caller } from "./caller.js";
import { type Refusal, unavailable } from "./refusal.js";
import type { Question } from "./question.js";
import type { Settings } from "./options.js";

/** What Latchkey says about a key. Exactly one of `caller` and `refusal` is there. */
export interface Answer {
  caller?: Caller;
  refusal?: Refusal;
  /** For the answer to the request, whatever it is. */
  headers: Record<string, string>;
  /** When it must not be used any more, of Date.now. */
  until: number;
}

const LONGEST_ANSWER = 1 << 20;

/** Asks once. Whatever is not said to be a good key is none, and what nobody knows is a 503. */
export async function ask(question: Question, settings: Settings): Promise<Answer> {
  const began = Date.now();
  try {
    const answer = await settings.fetch(settings.url, {
      method: "POST", headers: settings.headers, body: JSON.stringify(question), redirect: "manual", signal: AbortSignal.timeout(settings.timeoutMs),
    });
    const text = await answer.text();
    if (answer.status !== 200) return failure(settings, itself(answer.status, text), answer.headers.get("Retry-After"));
    return (text.length <= LONGEST_ANSWER && read(text, began, settings.maxStaleMs))
      || failure(settings, "the answer is not what Latchkey answers; is the deployment older than this package?");
  } catch (error) {
    return failure(settings, `no answer: ${reason(error)}`);
  }
}

function failure({ log }: Settings, why: string, retryAfter: string | null = null): Answer {
  const refusal = unavailable(retryAfter && /^[1-9]\d*$/.test(retryAfter) ? retryAfter : "1");
  log(`Latchkey could not check a key: the request is refused: ${why} (request_id ${refusal.body.request_id})`);
  return { refusal, headers: {}, until: 0 };
}

/** This server was not answered: its own key is wrong, or sends too much, or Latchkey cannot. */
function itself(status: number, text: string): string {
  const body = parsed(text) as { error_code?: unknown; fields?: { field?: unknown; message?: unknown }[] } | undefined;
  const fields = Array.isArray(body?.fields) ? body.fields.map((wrong) => `${wrong?.field} ${wrong?.message}`) : [];
  return `Latchkey answers this server with ${status} ${JSON.stringify([body?.error_code, ...fields])}`;
}

function reason(error: unknown): string {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return [name, cause?.code].filter(Boolean).join(" ");
}

function read(text: string, began: number, maxStaleMs: number): Answer | undefined {
  const body = parsed(text) as any;
  if (typeof body?.headers !== "object" || body.headers === null) return undefined;
  const headers = Object.fromEntries(Object.entries(body.headers).map(([name, value]) => [name, String(value)]));
  const ends = [began + maxStaleMs, ...(body.limit?.reset ? [body.limit.reset * 1000] : [])];
  if (body.valid === true && body.code === "VALID" && !body.problem && body.key_id && body.project_id && Array.isArray(body.scopes)) {
    const { key_id, label, type, owner_id, project_id, customer_id, scopes, metadata, expires_at } = body;
    if (expires_at) ends.push(Date.parse(expires_at));
    const found = { key_id, label, type, owner_id, project_id, scopes, metadata: metadata ?? {}, expires_at, ...(customer_id !== undefined && { customer_id }) };
    return { caller: new Caller(found), headers, until: Math.min(...ends) };
  }
  const { valid, code, problem } = body;
  if (valid !== false || !problem || problem.error_code !== code || !(problem.status >= 400 && problem.status < 600)) return undefined;
  const held = code === "RATE_LIMIT_EXCEEDED" && body.limit?.retry_after; // any other refusal is asked for each time
  return { refusal: { body: problem, headers }, headers, until: held ? Math.min(began + held * 1000, ...ends) : 0 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
