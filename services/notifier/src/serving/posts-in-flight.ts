// The posts in flight to one endpoint, and whether there is room for another one.
//
// A receiver may leave some posts unanswered and answer all others at once. Such a post ends after 15 s; until then it
// takes no place in the window, if one that was sent later was answered quickly. While every post that takes a place is
// slow, one further post at a time finds out whether the receiver answers.
import type { PostWindow } from "./post-window.ts";

export type PostsInFlight = Readonly<{
  /** Whether another post may be sent. */
  hasRoom: () => boolean;
  begin: (id: string) => void;
  /** @param answeredAfterMs when the receiver answered, in whatever way; undefined without an answer */
  end: (id: string, answeredAfterMs: number | undefined) => void;
  ids: () => string[];
  /** Whether the receiver keeps a post waiting. */
  hasSlow: () => boolean;
}>;

/** Most receivers answer sooner. */
export const slowMs = 1_000;

/** @param countMax posts at most, with those that take no place in the window */
export function createPostsInFlight(
  window: PostWindow,
  countMax: number,
  nowMs: () => number = () => performance.now(),
): PostsInFlight {
  /** Since when; the oldest first. */
  const running = new Map<string, number>();
  /** When the last post was sent that was answered quickly. */
  let answeredSinceMs = Number.NEGATIVE_INFINITY;
  let probe: string | undefined;

  /** Those that take a place in the window: when they were sent. */
  const counted = (slowUntilMs: number) =>
    [...running.values()].filter((sentAtMs) => sentAtMs > Math.min(slowUntilMs, answeredSinceMs));

  return {
    hasRoom: () => {
      if (running.size >= countMax) return false;
      const slowUntilMs = nowMs() - slowMs;
      const inWindow = counted(slowUntilMs);
      if (inWindow.length < window.size()) return true;
      return inWindow.every((sentAtMs) => sentAtMs <= slowUntilMs) && (probe === undefined || !running.has(probe));
    },
    begin: (id) => {
      if (counted(nowMs() - slowMs).length >= window.size()) probe = id;
      running.set(id, nowMs());
    },
    end: (id, answeredAfterMs = Infinity) => {
      const sentAtMs = running.get(id);
      running.delete(id);
      if (sentAtMs !== undefined && answeredAfterMs < slowMs) answeredSinceMs = Math.max(answeredSinceMs, sentAtMs);
    },
    ids: () => [...running.keys()],
    hasSlow: () => {
      const [oldestAtMs = Infinity] = running.values();
      return nowMs() - oldestAtMs > slowMs;
    },
  };
}
