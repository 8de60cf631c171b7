/** What the scripts of the pages use of each other and of Scalar. */
interface Window {
  freshKey: (key: string) => string;
  Scalar: Readonly<{
    createApiReference: (
      selector: string,
      configuration: Readonly<Record<string, unknown>> &
        Readonly<{ onBeforeRequest: (context: Readonly<{ requestBuilder: Readonly<{ headers: Headers }> }>) => void }>,
    ) => void;
  }>;
}
