import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startChild } from "@onsale/standalone/child";
import { cleanEnvironment } from "../config.ts";
import { createDatabaseToKeep } from "../database/database.ts";
import { projectFolder, serviceNames, usualSettings } from "./services.ts";

const startMaxMs = 60_000;

/**
 * Starts and stops each service once, so that Node writes its compiled code to the folder of `shareCompiledCode`. Node
 * does that only when a process exits by itself, and tests mostly kill theirs; without this, each start takes half a
 * second more. A service that does not start is ignored here, because its tests will fail.
 */
export async function compileServices(server: string): Promise<void> {
  const environment = {
    ...cleanEnvironment(),
    ...usualSettings,
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
