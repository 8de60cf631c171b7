// The bond between a service and the process that started it, over Node's IPC channel where there is one: the service
// says when it is ready, and stops when its parent is gone, however the parent ended.

/**
 * Resolves with the reason when this process should stop: SIGTERM, SIGINT, SIGHUP or the end of its parent. From then
 * on these signals are ignored: Ctrl-C reaches a process twice when npm passes it on.
 */
export function stopRequested(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => resolve(signal));
  process.once("disconnect", () => resolve("the parent process ended"));
  // It may have ended before anybody listened.
  if (process.connected === false) resolve("the parent process ended");
  // A terminal that closes, or a pipe whose reader died, must not end the process before it has drained.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  return promise;
}

const parentPollMs = 250;

/** Resolves when the process that started this one is gone, without an IPC channel to tell. */
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

/** Tells the parent, if there is one, that this process does its work, and where. */
export function reportReady(url: string): void {
  // A parent that is gone by now is found out otherwise; without a callback the error would end this process.
  process.send?.({ ready: url }, () => undefined);
}

/** Why a process could not start, in one line that says what to look at. */
export function describeStartFailure(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describeStartFailure(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code, address, port }: NodeJS.ErrnoException & { address?: string; port?: number } = error;
  if (code === "EADDRINUSE") return `port ${port} of ${address} is taken; stop what uses it or choose another port`;
  if (code === "ECONNREFUSED") return `nothing answers at ${address}:${port}; is the database or Redis running there?`;
  if (code === "ENOTFOUND") return `${error.message}; is the host's name right?`;
  return error.message.replaceAll("\n", " ");
}
