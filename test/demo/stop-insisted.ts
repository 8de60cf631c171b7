/** npm passes Ctrl-C on, so that one may reach this process twice. */
const echoMaxMs = 500;

/** Resolves when this process is asked to stop for the second time. */
export function stopInsisted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let firstAtMs: number | undefined;
  const onSignal = () => {
    const nowMs = performance.now();
    firstAtMs ??= nowMs;
    if (nowMs - firstAtMs > echoMaxMs) resolve();
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, onSignal);
  return promise;
}
