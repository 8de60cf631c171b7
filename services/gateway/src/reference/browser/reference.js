// Shows the API reference in /docs.

document.querySelector("#reference p")?.remove();

window.Scalar.createApiReference("#reference", {
  url: "/openapi.json",
  // Nothing comes from another host, and nothing is sent to one.
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true, hideAddApi: true },
  mcp: { disabled: true },
  hideClientButton: true,
  showDeveloperTools: "never",
  // The document names paths of this gateway, whatever host name it was called by.
  servers: [{ url: location.origin, description: "This gateway" }],
  authentication: { preferredSecurityScheme: "apiKey" },
  defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
  theme: "default",
  persistAuth: false,
  onBeforeRequest: ({ requestBuilder }) => {
    const key = requestBuilder.headers.get("idempotency-key");
    if (key !== null) requestBuilder.headers.set("idempotency-key", window.freshKey(key));
  },
});
