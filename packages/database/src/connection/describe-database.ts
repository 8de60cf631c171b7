/** Host, port and name of a database; never the password, nor a parameter that could contain one. */
export function describeDatabase(databaseUrl: string): string {
  // Without a host, as before a Unix socket in the parameter `host`, there is nothing between user and database.
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl.replace("@/", "@localhost/"));
  const host = searchParams.get("host") || decodeURIComponent(hostname) || "localhost";
  return `${host}:${port || searchParams.get("port") || "5432"}${pathname}`;
}
