/** The server's answer, or a sentence that says why there is none. */
export type Result<T> = Readonly<{ ok: true; value: T } | { ok: false; message: string }>;

/** The message when the server did not answer. */
export const unreachable = "The admin service cannot be reached at the moment.";

/** The server gives up earlier. */
const answerMaxMs = 20_000;

/** Reads JSON from the server. When the session has ended, the page goes to the login. Never rejects. */
export function getJson<T>(path: string, signal: AbortSignal, timeoutMs = answerMaxMs): Promise<Result<T>> {
  return request<T>(path, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
}

/** Sends a POST without a body. Never rejects. */
export function post(path: string): Promise<Result<undefined>> {
  return request(path, { method: "POST" });
}

/** Sends a POST with a body in JSON. Never rejects. */
export function postJson<T>(path: string, body: object): Promise<Result<T>> {
  const headers = { accept: "application/json", "content-type": "application/json" };
  return request<T>(path, { method: "POST", headers, body: JSON.stringify(body) });
}

async function request<T>(path: string, options: RequestInit): Promise<Result<T>> {
  try {
    const response = await fetch(path, { headers: { accept: "application/json" }, ...options });
    if (response.status === 401) location.assign("/login");
    const value = response.status === 204 ? undefined : await response.json();
    return response.ok ? { ok: true, value } : { ok: false, message: String(value.message) };
  } catch {
    return { ok: false, message: unreachable };
  }
}
