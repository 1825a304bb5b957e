import type { Answer } from "./answer.js";
import type { Question } from "./question.js";

/**
 * Answers that are kept for a while, under a hash of the whole question: key, method, path or scopes, and address. Who asks the
 * same at the same time shares one question.
 */
export class Cache {
  readonly #size: number;
  readonly #kept = new Map<string, Answer>();
  readonly #asked = new Map<string, Promise<Answer>>();

  constructor(size: number) {
    this.#size = size;
  }

  async get(question: Question, ask: (question: Question) => Promise<Answer>): Promise<Answer> {
    const name = await hash(JSON.stringify(question));
    const kept = this.#kept.get(name);
    if (kept && Date.now() < kept.until) return kept;
    let asked = this.#asked.get(name);
    if (!asked) {
      asked = ask(question).finally(() => this.#asked.delete(name));
      this.#asked.set(name, asked);
      this.#keep(name, await asked);
    }
    return asked;
  }

  #keep(name: string, answer: Answer): void {
    if (answer.until <= Date.now() || this.#size === 0) return;
    if (this.#kept.size >= this.#size) this.#makeRoom();
    this.#kept.set(name, answer);
  }

  #makeRoom(): void {
    for (const [name, { until }] of this.#kept) if (until <= Date.now()) this.#kept.delete(name);
    for (const name of this.#kept.keys()) {
      if (this.#kept.size < this.#size) return;
      this.#kept.delete(name);
    }
  }
}

async function hash(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return String.fromCharCode(...digest);
}
