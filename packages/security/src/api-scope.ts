/** What an API key may do, scope by scope. Reading events and stock takes any key. */
export const apiScopes = {
  "events:write": "Create events",
  "inventory:write": "Set how many tickets there are",
  "orders:write": "Buy",
  "orders:read": "Read, list and follow orders",
  "webhooks:manage": "Register, change and delete webhook endpoints, and see and repeat what is sent to them",
  admin: "All of these and audits; to a key of the default account, the metrics of a gateway too",
} as const;

export type ApiScope = keyof typeof apiScopes;

/** Whether a text is the name of a scope. */
export function isApiScope(text: string): text is ApiScope {
  return Object.hasOwn(apiScopes, text);
}

/** Whether a key with these scopes may do what asks for one. */
export function hasScope(scopes: ReadonlySet<string>, needed: ApiScope): boolean {
  return scopes.has(needed) || scopes.has("admin");
}
