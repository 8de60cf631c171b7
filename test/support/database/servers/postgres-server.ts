import { startChild } from "@onsale/standalone/child";
import { keeperFile } from "@onsale/standalone/postgres/keeper";
import { preparePostgres } from "@onsale/standalone/postgres/prepare";
import { cleanEnvironment } from "../../config.ts";

/**
 * Starts an embedded PostgreSQL with its data in a folder, which must exist and be open to other users.
 *
 * @param settings for the server; by default it accepts 400 connections
 */
export async function startPostgres(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ url: string; stop: () => Promise<void> }> {
  const { url, server } = await preparePostgres(folder, { max_connections: "400", ...settings });
  const keeper = startChild(
    {
      name: "postgres",
      file: keeperFile,
      arguments: [JSON.stringify(server)],
      environment: cleanEnvironment(),
    },
    { onStart: () => undefined, onDeath: (_name, how) => console.error(`PostgreSQL died: ${how}`) },
  );
  await keeper.ready;
  return { url, stop: keeper.stop };
}
