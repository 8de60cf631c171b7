// What every call takes: the client, and what to send.

/** Where the API is, and how to call it; the first argument of every call. */
export type Client = Readonly<{
  /** The gateway's URL, such as `https://tickets.example.com`; with the path before `/api/v1` if there is one. */
  baseUrl: string;
  /** Sent as `Authorization: Bearer`. It is a secret: not for code that runs in a browser. */
  apiKey?: string;
  /** Called instead of the global `fetch`, to add headers, a proxy or traces. */
  fetch?: typeof globalThis.fetch;
}>;

/** The options of every call. */
export type CallOptions = Readonly<{
  /** Aborting it ends the call at once; the call rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}>;

/** One request. The path is relative to `/api/v1`. */
export type Call = Readonly<{
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  headers?: Readonly<Record<string, string>>;
  body?: object;
}>;
