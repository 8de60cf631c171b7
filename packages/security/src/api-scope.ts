/** The scopes of API keys, and what each one allows. Any key may read events and stock. */
export const apiScopes = {
  "events:write": "Create events",
  "inventory:write": "Set how many tickets there are",
  "orders:write": "Buy",
  "orders:read": "Read, list and follow orders",
  "webhooks:manage": "Register, change and delete webhook endpoints, and see and repeat their deliveries",
  admin: "All of these and audits; for a key of the default account also the metrics of a gateway",
} as const;

export type ApiScope = keyof typeof apiScopes;

/** Whether a text is the name of a scope. */
export function isApiScope(text: string): text is ApiScope {
  return Object.hasOwn(apiScopes, text);
}

/** Whether a key with these scopes has the needed one; `admin` includes all others. */
export function hasScope(scopes: ReadonlySet<string>, needed: ApiScope): boolean {
  return scopes.has(needed) || scopes.has("admin");
}
