import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startChild } from "@onsale/standalone/child";
import { cleanEnvironment } from "../config.ts";
import { createDatabaseToKeep } from "../database/database.ts";
import { projectFolder, serviceNames, usualSettings } from "./services.ts";

const startMaxMs = 60_000;

/**
 * Starts each service and stops it. Node writes what it has compiled to the folder of `shareCompiledCode` when a process
 * ends by itself, and those of the tests are mostly killed; without this, each start takes half a second more. A service
 * that cannot be started is for its tests to tell.
 */
export async function compileServices(server: string): Promise<void> {
  const environment = {
    ...{ ...cleanEnvironment(), ...usualSettings },
    DATABASE_URL: await createDatabaseToKeep("onsale_compile", server),
    WEBHOOK_SECRET_KEY: randomBytes(32).toString("base64"),
    ADMIN_PASSWORD: randomBytes(16).toString("hex"),
  };
  await Promise.all(
    serviceNames.map(async (name) => {
      const file = join(projectFolder, "services", name, "src", "main.ts");
      const ignore = () => undefined;
      const child = startChild({ name, file, environment }, { onStart: ignore, onDeath: ignore });
      await Promise.race([child.ready.catch(ignore), delay(startMaxMs, undefined, { ref: false })]);
      await child.stop();
    }),
  );
}
