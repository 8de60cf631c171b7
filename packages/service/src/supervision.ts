// Connects a service with the process that started it, over Node's IPC channel if there is one: the service reports
// when it is ready, and stops when its parent has ended for any reason.

/**
 * Resolves with the reason when this process should stop: SIGTERM, SIGINT, SIGHUP or the end of its parent. From then
 * on these signals are ignored: Ctrl-C reaches a process twice when npm passes it on.
 */
export function stopRequested(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => resolve(signal));
  process.once("disconnect", () => resolve("the parent process ended"));
  // The parent may have ended before the listener was added.
  if (process.connected === false) resolve("the parent process ended");
  // A closed terminal, or a pipe whose reader ended, must not end the process before its parts are closed.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  return promise;
}

const parentPollMs = 250;

/** Resolves when the process that started this one has ended; for a parent without an IPC channel. */
export function parentEnded(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    resolve("the parent process ended");
  }, parentPollMs);
  timer.unref();
  return promise;
}

/** Tells the parent, if there is an IPC channel, that this process is ready, and its URL. */
export function reportReady(url: string): void {
  // `stopRequested` notices a parent that has ended; without a callback the error of `send` would end this process.
  process.send?.({ ready: url }, () => undefined);
}

const portSettings = "PORT (gateway), ADMIN_PORT (console) or METRICS_PORT";

/** Describes why a process could not start, in one line that says what to check. */
export function describeStartFailure(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describeStartFailure(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code, address, port }: NodeJS.ErrnoException & { address?: string; port?: number } = error;
  if (code === "EADDRINUSE")
    return `port ${port} of ${address} is taken; stop what uses it, or set another one: ${portSettings}`;
  if (code === "ECONNREFUSED") return `nothing answers at ${address}:${port}; is the database or Redis running there?`;
  if (code === "ENOTFOUND") return `${error.message}; is the host's name right?`;
  return error.message.replaceAll("\n", " ");
}
