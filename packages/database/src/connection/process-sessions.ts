// What the pools and listeners of a process share about their sessions. A failover can leave sessions open that lead to
// the old primary, where everything is out of date and nobody sends notifications. A pool that only reads never
// notices, so the first session that is refused a write speaks for all of them, and so does the primary that was found
// on another host: sessions to a machine that is gone would each wait for their time limit.
import type { Primary } from "./primary.ts";

/** A fault that lasts, such as a database that stays read-only, must not replace sessions all the time. */
const replaceIntervalMs = 1_000;

export class ProcessSessions {
  #replacedUntilMs = Number.NEGATIVE_INFINITY;
  readonly #listeners = new Set<() => void>();
  readonly #primaries = new Map<string, Primary>();

  /** Sessions that were opened up to then are not used again. */
  get replacedUntilMs(): number {
    return this.#replacedUntilMs;
  }

  /** Has all sessions of the process replaced, those that listen at once; it does so at most once a second. */
  replace(): void {
    if (performance.now() - this.#replacedUntilMs >= replaceIntervalMs) this.replaceNow();
  }

  /** The same, however often: for the primary that moved, which it does not do all the time. */
  replaceNow(): void {
    this.#replacedUntilMs = performance.now();
    for (const listener of [...this.#listeners]) listener();
  }

  /**
   * For sessions that are never used next, because they listen.
   *
   * @returns a function that ends the subscription
   */
  onReplaced(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is known of the primary among the hosts of a URL. */
  primaryOf(url: string, create: () => Primary): Primary {
    const known = this.#primaries.get(url) ?? create();
    this.#primaries.set(url, known);
    return known;
  }
}
