// The lines of an archive, as they are read back. A file is gzip of lines of JSON: the event, its ledger, its orders by
// rising `seq`, its stock, and the manifest. The manifest has the SHA-256 of all lines before it.
import type { DecidedRow } from "@onsale/database/statements/audit/audit-event";
import type { LedgerRow } from "@onsale/domain/replay";
import { Type } from "typebox";
import { Compile } from "typebox/compile";

export const archiveFormat = 1;

const Count = Type.Integer({ minimum: 0 });

const EventLine = Type.Object({
  kind: Type.Literal("event"),
  format: Type.Literal(archiveFormat),
  event: Type.Object({ id: Count, code: Type.String(), name: Type.String() }),
  /** Orders of the event that are in earlier archives. */
  archivedBefore: Count,
});

const LedgerLine = Type.Object({
  kind: Type.Literal("ledger"),
  row: Type.Object({
    ticket_type: Type.String(),
    total: Type.Union([Type.Integer(), Type.Null()]),
    after_seq: Count,
    cause: Type.Unsafe<LedgerRow["cause"]>(Type.String()),
    quantity: Type.Integer(),
    order_id: Type.Union([Type.String(), Type.Null()]),
    reason: Type.Union([Type.String(), Type.Null()]),
    detail: Type.Unsafe<LedgerRow["detail"]>(Type.Unknown()),
  }),
});

const OrderLine = Type.Object({
  kind: Type.Literal("order"),
  row: Type.Object({ id: Type.String(), seq: Count, version: Count, status: Type.String() }),
  decided: Type.Unsafe<DecidedRow>(Type.Object({ id: Type.String(), seq: Count, quantity: Count })),
  history: Type.Array(Type.Unknown()),
  payments: Type.Array(Type.Unknown()),
  deliveries: Type.Array(Type.Unknown()),
});

const StockLine = Type.Object({
  kind: Type.Literal("stock"),
  row: Type.Object({ ticket_type: Type.String(), total: Count, allocated: Type.Integer() }),
});

const ManifestLine = Type.Object({
  kind: Type.Literal("manifest"),
  lineCount: Count,
  facts: Type.Object({ orderCount: Count, versionSum: Count, lastSeq: Count, ledgerCount: Count }),
  sha256: Type.String(),
});

const Line = Type.Union([OrderLine, LedgerLine, StockLine, EventLine, ManifestLine]);
const line = Compile(Line);

export type ArchiveLine = Type.Static<typeof Line>;
export type OrderLine = Type.Static<typeof OrderLine>;
export type Manifest = Type.Static<typeof ManifestLine>;

/** @returns undefined when the text is no line of an archive */
export function parseLine(text: string): ArchiveLine | undefined {
  const value = parseJson(text);
  return line.Check(value) ? value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
