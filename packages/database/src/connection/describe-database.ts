import { databaseServers } from "@onsale/config/database-url";

/** Hosts, ports and name of a database; never the password, nor a parameter that could contain one. */
export function describeDatabase(databaseUrl: string): string {
  const servers = databaseServers(databaseUrl);
  // Without a host, as before a Unix socket in the parameter `host`, there is nothing between user and database.
  const { pathname } = new URL(servers[0].url.replace("@/", "@localhost/"));
  return `${servers.map(({ name }) => name).join(",")}${pathname}`;
}
