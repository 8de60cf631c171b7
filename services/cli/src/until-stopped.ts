/** A stream that Ctrl-C ends, as an end and not as an error. */
export async function* untilStopped<T>(stream: AsyncIterable<T>, stop: AbortSignal): AsyncGenerator<T, void, void> {
  try {
    yield* stream;
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
