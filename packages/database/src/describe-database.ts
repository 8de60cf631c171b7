/** Host, port and name of a database; never the password, nor a parameter that could contain one. */
export function describeDatabase(databaseUrl: string): string {
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl);
  const host = hostname || searchParams.get("host") || "localhost";
  return `${host}:${port || searchParams.get("port") || "5432"}${pathname}`;
}
