/**
 * A list that comes in pages: `await` it for the requested page, or `for await` over it for every item from
 * that page on.
 */
export class List<Page extends { next_cursor: string | null }, Item> implements PromiseLike<Page>, AsyncIterable<Item> {
  #page: (cursor: string | undefined) => Promise<Page>;
  #items: (page: Page) => Item[];
  #from: string | undefined;

  constructor(page: (cursor: string | undefined) => Promise<Page>, items: (page: Page) => Item[], from: string | undefined) {
    this.#page = page;
    this.#items = items;
    this.#from = from;
  }

  then<A = Page, B = never>(done?: ((page: Page) => A | PromiseLike<A>) | null, failed?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    return this.#page(this.#from).then(done, failed);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void> {
    for (let cursor: string | null | undefined = this.#from; cursor !== null; ) {
      const page: Page = await this.#page(cursor);
      yield* this.#items(page);
      cursor = page.next_cursor;
    }
  }
}

/** The cursor from `Link: <?cursor=…>; rel="next"`. */
export function nextCursor(answer: Response): string | null {
  const [, query] = /^<\?([^>]*)>; rel="next"$/.exec(answer.headers.get("Link") ?? "") ?? [];
  return new URLSearchParams(query).get("cursor");
}

/** Every item of every page. */
export async function collect<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}
