// Defects that are planted in a database, as switches: each breaks one promise of Onsale without a change of its code.
import type { Db } from "@onsale/database/client";
import { sql } from "kysely";

export type PlantedDefect = Readonly<{
  name: string;
  /** Violations that the checks must find, one of them at least. */
  foundAs: readonly string[];
  plant: (db: Db) => Promise<void>;
  /** Undefined when what it broke cannot be mended, so that it has to be the last one of its database. */
  remove?: (db: Db) => Promise<void>;
}>;

type Trigger = Readonly<{
  name: string;
  foundAs: readonly string[];
  on: string;
  /** Such as `BEFORE INSERT`. */
  when: string;
  /** In PL/pgSQL, for each row. */
  body: string;
}>;

/** A trigger; what it does itself does not trigger it again. */
const byTrigger = ({ name, foundAs, on, when, body }: Trigger): PlantedDefect => ({
  name,
  foundAs,
  plant: async (db) => {
    await sql`
      CREATE FUNCTION planted_defect() RETURNS trigger LANGUAGE plpgsql
      AS ${sql.lit(`BEGIN IF pg_trigger_depth() = 1 THEN ${body} END IF; RETURN NEW; END`)}`.execute(db);
    await sql`
      CREATE TRIGGER planted_defect ${sql.raw(when)} ON ${sql.table(on)}
      FOR EACH ROW EXECUTE FUNCTION planted_defect()`.execute(db);
  },
  remove: async (db) => {
    await sql`DROP FUNCTION planted_defect CASCADE`.execute(db);
  },
});

/** Of ten rows, two. */
const sometimes = "random() < 0.2";
const columns = `account_id, event_id, quantity, strategy, ticket_type, customer_ref, fingerprint, terms`;

export const plantedDefects: readonly PlantedDefect[] = [
  byTrigger({
    name: "orders that were acknowledged are not kept",
    foundAs: ["an accepted order is lost"],
    on: "orders",
    when: "AFTER INSERT",
    body: `IF ${sometimes} THEN DELETE FROM orders WHERE id = NEW.id; END IF;`,
  }),
  byTrigger({
    name: "orders are recorded twice",
    foundAs: ["nobody asked for an order"],
    on: "orders",
    when: "AFTER INSERT",
    body: `INSERT INTO orders (id, idempotency_key, ${columns})
           SELECT gen_random_uuid(), idempotency_key || ' again', ${columns} FROM orders WHERE id = NEW.id;`,
  }),
  byTrigger({
    name: "orders get the customer of another one",
    foundAs: ["an accepted order is not what was asked for"],
    on: "orders",
    when: "BEFORE INSERT",
    body: `IF ${sometimes} THEN NEW.customer_ref := 'another-customer'; END IF;`,
  }),
  byTrigger({
    name: "orders are rejected although there are tickets",
    foundAs: ["the audit: decisions follow arrival"],
    on: "orders",
    when: "BEFORE UPDATE",
    body: `IF OLD.status = 'PENDING' AND NEW.status = 'CONFIRMED' AND ${sometimes} THEN
             NEW.status := 'REJECTED'; NEW.reason_code := 'sold-out'; NEW.items := NULL;
           END IF;`,
  }),
  byTrigger({
    name: "a decision is written without its version",
    foundAs: ["an order is not what its history ends with", "an answer told what never was"],
    on: "orders",
    when: "BEFORE UPDATE",
    body: `IF OLD.status = 'PENDING' AND ${sometimes} THEN NEW.version := 3; END IF;`,
  }),
  byTrigger({
    name: "returns have no row in the ledger",
    foundAs: ["tickets did not come back"],
    on: "ledger",
    when: "AFTER INSERT",
    body: `IF NEW.cause IN ('return', 'expiry') THEN DELETE FROM ledger WHERE id = NEW.id; END IF;`,
  }),
  byTrigger({
    name: "transitions are left out of the history",
    foundAs: ["an order is not what its history ends with", "a history has a gap"],
    on: "order_history",
    when: "AFTER INSERT",
    body: `DELETE FROM order_history WHERE order_id = NEW.order_id AND version = NEW.version;`,
  }),
  byTrigger({
    name: "decisions are not told",
    foundAs: ["a webhook is missing"],
    on: "outbox",
    when: "AFTER INSERT",
    body: `IF ${sometimes} THEN DELETE FROM outbox WHERE id = NEW.id; END IF;`,
  }),
  byTrigger({
    name: "a webhook has another id when it is posted again",
    foundAs: ["a fact has several webhook-ids"],
    on: "webhook_deliveries",
    when: "AFTER INSERT",
    body: `INSERT INTO webhook_deliveries (endpoint_id, order_id, type, body)
           VALUES (NEW.endpoint_id, NEW.order_id, NEW.type, NEW.body);`,
  }),
  {
    name: "a key can have several orders",
    foundAs: ["one key has two orders"],
    plant: async (db) => {
      await sql`
        ALTER TABLE orders DROP CONSTRAINT orders_idempotency,
          ADD CONSTRAINT orders_idempotency UNIQUE (account_id, idempotency_key, id)`.execute(db);
    },
  },
  // The last ones: workers do not get over the stock that they leave behind.
  byTrigger({
    name: "returns are applied twice",
    foundAs: ["tickets came back twice"],
    on: "returns",
    when: "AFTER INSERT",
    body: `INSERT INTO returns (event_id, order_id, ticket_type, quantity, actor)
           VALUES (NEW.event_id, NEW.order_id, NEW.ticket_type, NEW.quantity, NEW.actor);`,
  }),
  byTrigger({
    name: "a hold expires, and its order stays held",
    foundAs: ["an order is not what its history ends with"],
    on: "orders",
    when: "BEFORE UPDATE",
    body: `IF NEW.status = 'EXPIRED' THEN NEW.status := 'HELD'; END IF;`,
  }),
];
