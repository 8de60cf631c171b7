import { Socket } from "node:net";
import pg from "pg";
import { atEnd } from "../../cleanup.ts";

/**
 * Connects as a replica does whose oldest query may see no transaction from `xmin` on (hot_standby_feedback). It ends
 * as cleanup.ts says.
 *
 * @param slot a physical replication slot, or none
 */
export async function startReplica(url: string, xmin: number, slot?: string): Promise<void> {
  const socket = new Socket();
  const address = new URL(url);
  address.searchParams.set("replication", "true");
  const client = new pg.Client({ connectionString: address.href, stream: () => socket });
  await client.connect();
  client.on("error", () => undefined);
  atEnd(async () => void socket.destroy());
  const { rows } = await client.query<{ xlogpos: string }>("IDENTIFY_SYSTEM");
  const slotClause = slot === undefined ? "" : `SLOT ${slot} `;
  // It answers when the stream ends.
  client.query(`START_REPLICATION ${slotClause}PHYSICAL ${rows[0]?.xlogpos}`).catch(() => undefined);
  socket.write(copyData(feedback(xmin)));
}

/** https://www.postgresql.org/docs/current/protocol-replication.html, "Hot standby feedback message". */
function feedback(xmin: number): Buffer {
  const message = Buffer.alloc(25);
  message.write("h");
  message.writeUInt32BE(xmin, 9);
  return message;
}

function copyData(payload: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write("d");
  head.writeUInt32BE(payload.length + 4, 1);
  return Buffer.concat([head, payload]);
}
