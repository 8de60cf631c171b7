/** What the server answered, or in its words why not. */
export type Asked<T> = Readonly<{ ok: true; value: T } | { ok: false; message: string }>;

/** Said when there was no answer at all. */
export const unreachable = "The admin service cannot be reached at the moment.";

/** The server gives up before. */
const answerMaxMs = 20_000;

/** Asks the server; whoever is not logged in any more is sent to log in. */
export function ask<T>(path: string, signal: AbortSignal, timeoutMs = answerMaxMs): Promise<Asked<T>> {
  return request<T>(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
}

/** Has the server do something. */
export function order(path: string): Promise<Asked<undefined>> {
  return request(path, { method: "POST" });
}

async function request<T>(path: string, options: RequestInit): Promise<Asked<T>> {
  try {
    const answer = await fetch(path, { headers: { accept: "application/json" }, ...options });
    if (answer.status === 401) location.assign("/login");
    const value = answer.status === 204 ? undefined : await answer.json();
    return answer.ok ? { ok: true, value } : { ok: false, message: String(value.message) };
  } catch {
    return { ok: false, message: unreachable };
  }
}
