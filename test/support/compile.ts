import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { startChild } from "@onsale/standalone/child";
import { cleanEnvironment } from "./config.ts";
import { createDatabaseToKeep } from "./database.ts";
import { projectFolder, serviceNames, usualSettings } from "./services.ts";

/**
 * Starts each service and stops it. Node writes what it has compiled to the folder of `shareCompiledCode` when a process
 * ends by itself, and those of the tests are mostly killed; without it, each start takes half a second more.
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
      const child = startChild({ name, file, environment }, { onStart: () => undefined, onDeath: console.error });
      await child.ready;
      await child.stop();
    }),
  );
}
