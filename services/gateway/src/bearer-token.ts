/** The key of an `Authorization` header (RFC 6750), or undefined when there is none. */
export function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization?.startsWith("Bearer ")) return authorization.slice("Bearer ".length);
  return authorization === undefined ? undefined : /^bearer +(\S+)$/i.exec(authorization)?.[1];
}
