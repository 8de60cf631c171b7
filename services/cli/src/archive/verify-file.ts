// Verifies an archive: that it is whole, that its orders add up to the stock, and that a replay explains each decision.
import { toDecidedOrder } from "@onsale/database/statements/audit/audit-event";
import { createReplay, type LedgerRow, type Replay } from "@onsale/domain/replay";
import type { ArchiveLine, Manifest, OrderLine } from "./lines.ts";
import { readArchiveFile } from "./read-file.ts";

const faultCountMax = 5;

export type Verified = Readonly<{
  eventId: number;
  eventCode: string;
  digest: string;
  facts: Manifest["facts"];
  countByStatus: Readonly<Record<string, number>>;
  /** Whether it has all orders of the event: only then they can be replayed. */
  isReplayed: boolean;
  /** At most five sentences about decisions and figures that do not fit. */
  faults: readonly string[];
}>;

type StockRow = Extract<ArchiveLine, { kind: "stock" }>["row"];

/** @throws CommandError when the file cannot be read, or is not a whole archive */
export async function verifyArchiveFile(file: string): Promise<Verified> {
  const reading = createReading();
  const manifest = await readArchiveFile(file, reading.take);
  return reading.finish(manifest);
}

function createReading() {
  const ledger: LedgerRow[] = [];
  const stock: StockRow[] = [];
  const faults: string[] = [];
  const countByStatus: Record<string, number> = {};
  const ticketsByType = new Map<string, number>();
  const facts = { orderCount: 0, versionSum: 0, lastSeq: 0 };
  let event: Extract<ArchiveLine, { kind: "event" }> | undefined;
  let replay: Replay | undefined;

  function takeOrder({ row, decided }: OrderLine): void {
    if (row.seq <= facts.lastSeq) faults.push(`order ${row.seq} is out of order`);
    facts.orderCount++;
    facts.versionSum += row.version;
    facts.lastSeq = row.seq;
    countByStatus[row.status] = (countByStatus[row.status] ?? 0) + 1;
    const order = toDecidedOrder(decided);
    if (row.status === "CONFIRMED") {
      for (const { ticketType, quantity } of decided.items ?? order.lines) {
        ticketsByType.set(ticketType, (ticketsByType.get(ticketType) ?? 0) + quantity);
      }
    }
    if (event?.archivedBefore !== 0) return;
    replay ??= createReplay(ledger);
    for (const fault of replay.next(order)) if (faults.length < faultCountMax) faults.push(fault);
  }

  /** Pools are no ticket types: their figures follow from those of the types. */
  const ticketTypes = () => stock.filter(({ ticket_type: name }) => name !== "event" && !name.startsWith("pool:"));

  return {
    take: (line: ArchiveLine): void => {
      if (line.kind === "event") event = line;
      else if (line.kind === "ledger") ledger.push(toLedgerRow(line.row));
      else if (line.kind === "order") takeOrder(line);
      else if (line.kind === "stock") stock.push(line.row);
    },
    finish: ({ facts: written, sha256 }: Manifest): Verified => {
      const counted = { ...facts, ledgerCount: ledger.length };
      if (JSON.stringify(counted) !== JSON.stringify(written)) faults.push("the manifest counts other orders");
      if (event?.archivedBefore === 0) {
        const own = ticketTypes().map((row) => {
          return { ticketType: row.ticket_type, total: row.total, allocated: row.allocated };
        });
        faults.push(...(replay ?? createReplay(ledger)).finish(own));
        for (const { ticketType, allocated } of own) {
          const inOrders = ticketsByType.get(ticketType) ?? 0;
          if (inOrders !== allocated) faults.push(`${ticketType}: ${allocated} allocated, ${inOrders} in orders`);
        }
      }
      return {
        eventId: event?.event.id ?? 0,
        eventCode: event?.event.code ?? "",
        digest: sha256,
        facts: written,
        countByStatus,
        isReplayed: event?.archivedBefore === 0,
        faults: faults.slice(0, faultCountMax),
      };
    },
  };
}

function toLedgerRow(row: Extract<ArchiveLine, { kind: "ledger" }>["row"]): LedgerRow {
  const { ticket_type: ticketType, after_seq: afterSeq, order_id: orderId, total, cause, quantity, detail } = row;
  const reason = cause === "late-payment-refused" ? row.reason : null;
  return { ticketType, afterSeq, orderId, total, cause, quantity, reason, detail };
}
