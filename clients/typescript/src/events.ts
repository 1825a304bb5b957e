import type { components, operations } from "./openapi.js";
import { sleep } from "./time.js";

export type RunEvent = components["schemas"]["Event"];
export type RunStatus = components["schemas"]["RunStatus"];
export type EventPage = operations["pollEvents"]["responses"][200]["content"]["application/json"];

export interface PollOptions {
  /** Ends the polling: the iteration fails with the signal's reason. */
  signal?: AbortSignal;
  /** Called with each event before the next one; what it returns is awaited. */
  onEvent?: (event: RunEvent) => unknown;
  /** Where an earlier poll ended (`RunEvents.cursor`). Default: the run's start. */
  cursor?: string;
  /** The `seq` of the last event that was processed. Needed only if an iteration ended in the middle of a page. */
  after?: number;
}

/**
 * The events of a run, as they come. `for await` gives each; `await` reads all of them, calls `onEvent` for each, and
 * gives the status with which the run ended.
 *
 * You may iterate it again after an error or a `break`: it continues where it stopped. No event comes
 * twice and none is left out.
 */
export class RunEvents implements AsyncIterable<RunEvent>, PromiseLike<RunStatus> {
  /** The status of the run in the last answer. */
  status: RunStatus = "running";
  /** The cursor after the last complete page. */
  cursor: string | undefined;
  /** The `seq` of the last event that was given. */
  seq: number;

  #poll: (cursor: string | undefined, signal: AbortSignal | undefined) => Promise<EventPage>;
  #signal: AbortSignal | undefined;
  #onEvent: PollOptions["onEvent"];

  constructor(poll: (cursor: string | undefined, signal: AbortSignal | undefined) => Promise<EventPage>, options: PollOptions) {
    this.#poll = poll;
    this.#signal = options.signal;
    this.#onEvent = options.onEvent;
    this.cursor = options.cursor;
    this.seq = options.after ?? 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<RunEvent, void> {
    for (;;) {
      this.#signal?.throwIfAborted();
      const page = await this.#poll(this.cursor, this.#signal);
      this.status = page.status;
      for (const event of page.events) {
        if (event.seq <= this.seq) continue; // given before the iteration stopped
        this.#signal?.throwIfAborted();
        this.seq = event.seq;
        await this.#onEvent?.(event);
        yield event;
      }
      this.cursor = page.cursor;
      if (page.finished) return;
      await sleep(page.poll_after_ms, this.#signal); // Retry-After has the same, rounded up to seconds
    }
  }

  then<A = RunStatus, B = never>(done?: ((status: RunStatus) => A | PromiseLike<A>) | null, failed?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.#drain().then(done, failed);
  }

  async #drain(): Promise<RunStatus> {
    for await (const _ of this) { /* onEvent saw it */ }
    return this.status;
  }
}
