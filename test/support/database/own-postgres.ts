import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "@onsale/standalone/child";
import { keeperFile } from "@onsale/standalone/postgres/keeper";
import { preparePostgres } from "@onsale/standalone/postgres/prepare";
import { atEnd } from "../cleanup.ts";
import { cleanEnvironment } from "../config.ts";

/** Starts a PostgreSQL server for one test, which can stop it and start it again at the same address. */
export async function startOwnPostgres() {
  const folder = mkdtempSync(join(tmpdir(), "onsale-gone-"));
  chmodSync(folder, 0o755);
  const { url, server } = await preparePostgres(folder, {});
  const spec = {
    name: "postgres",
    file: keeperFile,
    arguments: [JSON.stringify(server)],
    environment: cleanEnvironment(),
  };
  let keeper = startChild(spec, { onStart: () => undefined, onDeath: () => undefined });
  atEnd(async () => {
    await keeper.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  await keeper.ready;
  return {
    url,
    stop: () => keeper.stop(),
    start: async () => {
      keeper = startChild(spec, { onStart: () => undefined, onDeath: () => undefined });
      await keeper.ready;
    },
  };
}
