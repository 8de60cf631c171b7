// The most that one row allows: stock and order in a single statement, which keeps the row's lock as short as possible,
// over plain connections, without HTTP. It uses pgbench where it is installed, because that takes less CPU than Node.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPool } from "@onsale/database/client";

export type HotRowTool = "pgbench" | "pg";

const statement = (eventId: number) => `
  WITH taken AS (
    UPDATE lean_stock SET sold = sold + 1
    WHERE event_id = ${eventId} AND ticket_type = 'STANDARD' AND total - sold >= 1
    RETURNING event_id, ticket_type)
  INSERT INTO lean_orders (id, event_id, ticket_type, quantity, status, idempotency_key)
  SELECT uuidv7(), event_id, ticket_type, 1, 'CONFIRMED', gen_random_uuid() FROM taken`;

/** Finds out whether pgbench is installed. */
export async function findHotRowTool(): Promise<HotRowTool> {
  try {
    await run("pgbench", ["--version"], {});
    return "pgbench";
  } catch {
    return "pg";
  }
}

/** Buys single tickets of an event over `connections` connections for `seconds` seconds. */
export async function loadHotRow(
  tool: HotRowTool,
  databaseUrl: string,
  eventId: number,
  connections: number,
  seconds: number,
): Promise<void> {
  if (tool === "pg") return loadWithPg(databaseUrl, eventId, connections, seconds);
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), "onsale-bench-pgbench-"));
  try {
    const script = join(folder, "hot-row.sql");
    writeFileSync(script, `${statement(eventId).replaceAll("\n", " ").trim()};\n`);
    const load = [
      "--client",
      String(connections),
      "--jobs",
      String(Math.min(2, connections)),
      "--time",
      String(seconds),
    ];
    const how = ["--no-vacuum", "--protocol", "prepared", "--file", script, ...load];
    const where = ["--host", hostname, "--port", port, "--username", username, pathname.slice(1)];
    await run("pgbench", [...how, ...where], { PGPASSWORD: password });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function loadWithPg(url: string, eventId: number, connections: number, seconds: number): Promise<void> {
  const pool = createPool({ url, connectionCountMax: connections, applicationName: "hot-row" });
  const query = { name: "buy", text: statement(eventId) };
  try {
    const clients = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
    const endsAt = performance.now() + seconds * 1_000;
    await Promise.all(
      clients.map(async (client) => {
        while (performance.now() < endsAt) await client.query(query);
        client.release();
      }),
    );
  } finally {
    await pool.end();
  }
}

function run(program: string, parameters: readonly string[], environment: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...environment };
    execFile(program, [...parameters], { env }, (error, stdout) => (error === null ? resolve(stdout) : reject(error)));
  });
}
