// The posts in flight to one endpoint, and whether there is room for another one.
//
// A receiver may leave some posts unanswered and take all others at once. Such a post ends after 15 s; until then it
// takes no place in the window, if one that was sent later was delivered quickly. While every post that takes a place
// is slow, one further post at a time, and at most one a second, finds out whether the receiver takes any.
import { type PostWindow, quickMs } from "./post-window.ts";

export type PostsInFlight = Readonly<{
  /** Whether another post may be sent. */
  hasRoom: () => boolean;
  begin: (id: string) => void;
  /** @param deliveredAfterMs undefined when it was not delivered */
  end: (id: string, deliveredAfterMs: number | undefined) => void;
  ids: () => string[];
  /** Whether the receiver keeps a post waiting. */
  hasSlow: () => boolean;
}>;

/** @param countMax posts at most, with those that take no place in the window */
export function createPostsInFlight(
  window: PostWindow,
  countMax: number,
  nowMs: () => number = () => performance.now(),
): PostsInFlight {
  /** Since when; the oldest first. */
  const running = new Map<string, number>();
  /** When the last post was sent that was delivered quickly. */
  let deliveredSinceMs = Number.NEGATIVE_INFINITY;
  let probe: string | undefined;
  let probedAtMs = Number.NEGATIVE_INFINITY;

  /** Those that take a place in the window: all but the slow ones from before one that was delivered quickly. */
  const counted = (slowUntilMs: number) =>
    [...running.values()].filter((sentAtMs) => sentAtMs > Math.min(slowUntilMs, deliveredSinceMs));

  return {
    hasRoom: () => {
      if (running.size >= countMax) return false;
      const slowUntilMs = nowMs() - quickMs;
      const inWindow = counted(slowUntilMs);
      if (inWindow.length < window.size()) return true;
      const isProbeDue = probe === undefined && probedAtMs <= slowUntilMs;
      return isProbeDue && inWindow.every((sentAtMs) => sentAtMs <= slowUntilMs);
    },
    begin: (id) => {
      const sentAtMs = nowMs();
      if (counted(sentAtMs - quickMs).length >= window.size()) {
        probe = id;
        probedAtMs = sentAtMs;
      }
      running.set(id, sentAtMs);
    },
    end: (id, deliveredAfterMs = Infinity) => {
      const sentAtMs = running.get(id);
      running.delete(id);
      if (probe === id) probe = undefined;
      if (sentAtMs !== undefined && deliveredAfterMs <= quickMs) {
        deliveredSinceMs = Math.max(deliveredSinceMs, sentAtMs);
      }
    },
    ids: () => [...running.keys()],
    hasSlow: () => {
      const [oldestAtMs = Infinity] = running.values();
      return nowMs() - oldestAtMs > quickMs;
    },
  };
}
