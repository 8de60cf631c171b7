// Why the rules or the stock of an event cannot be changed.

/** Why rules cannot be changed. */
export type RulesRefusal = Readonly<
  | { kind: "unknown-ticket-type"; ticketType: string }
  | { kind: "unknown-pool"; ticketType: string; pool: string }
  | { kind: "too-many-pools" }
  | { kind: "below-allocated"; pool: string; allocated: number; total: number }
  | { kind: "event-cancelled" }
>;

/** Rolls back a transaction whose change of rules was refused. */
export class RulesRefusedError extends Error {
  readonly result: RulesRefusal;

  constructor(result: RulesRefusal) {
    super(`the rules cannot be changed: ${result.kind}`);
    this.name = "RulesRefusedError";
    this.result = result;
  }
}
