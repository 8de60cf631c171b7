// A script of /docs and of Swagger UI.

/**
 * The Idempotency-Key that a form sends: a new one in place of none, or of an example. One that somebody typed stays,
 * so that they can send a request again.
 */
window.freshKey = (key) => {
  if (key !== "" && !key.startsWith("example-")) return key;
  // crypto.randomUUID is missing on a page over plain HTTP, unless it is of this machine.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `form-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
};
