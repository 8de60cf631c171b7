// `onsale orders confirm`, `cancel`, `extend` and `history`: an order after its first decision.
import { randomUUID } from "node:crypto";
import { cancel, confirm, extend, history } from "@onsale/client";
import { holdSecondsMax, holdSecondsMin } from "@onsale/contracts/values";
import { type Command, Option } from "commander";
import type { Api, ApiSource } from "../../api/call.ts";
import { id, idempotencyKey, lines, paymentReference, wholeNumber } from "../../arguments.ts";
import { CommandError } from "../../output/failure.ts";
import { renderHistory, renderOrder } from "../../output/orders.ts";
import type { Output } from "../../output/output.ts";
import { shellWord } from "../../output/text.ts";

type CancelOptions = Readonly<{ item?: ReturnType<typeof lines>; reason?: string; key?: string }>;
type ConfirmOptions = Readonly<{ paymentReference?: string }>;

export type OrderChangesNeeds = Pick<Output, "show"> & Readonly<{ api: ApiSource }>;

const keyOption = () =>
  new Option("--key <key>", "idempotency key: all requests with one key change the order once; default: random");

/** The commands that change an order, and its history. */
export function addOrderChanges(orders: Command, needs: OrderChangesNeeds): void {
  addConfirm(orders, needs);
  addCancel(orders, needs);
  addExtend(orders, needs);
  addHistory(orders, needs);
}

function addConfirm(orders: Command, { api, show }: OrderChangesNeeds): void {
  orders
    .command("confirm")
    .description("confirm an order that was paid, also after its hold has expired if its tickets are still there")
    .argument("<id>", "its id", id)
    .option("--payment-reference <ref>", "the payment provider's reference of the payment", paymentReference)
    .action(async (orderId: string, options: ConfirmOptions) => {
      const source = api();
      show(await confirm(source, orderId, { ...options, signal: source.stop }), renderOrder);
    });
}

function addCancel(orders: Command, { api, show }: OrderChangesNeeds): void {
  orders
    .command("cancel")
    .description("give back the tickets of an order, or some of them; they are on sale again at once")
    .argument("<id>", "its id", id)
    .option("--item <type=quantity>", "give back only these, such as VIP=1; once per ticket type", lines)
    .option("--reason <text>", "for the order's history")
    .addOption(keyOption().argParser(idempotencyKey))
    .action(async (orderId: string, { item: items, reason, key = randomUUID() }: CancelOptions) => {
      const source = api();
      const options = { items, reason, idempotencyKey: key, signal: source.stop };
      show(await cancel(source, orderId, options).catch(namingKey(source, key)), renderOrder);
    });
}

function addExtend(orders: Command, { api, show }: OrderChangesNeeds): void {
  orders
    .command("extend")
    .description("let the hold of an order expire later; once for each hold")
    .argument("<id>", "its id", id)
    .argument("<seconds>", "how long the tickets are held, from now on", wholeNumber(holdSecondsMin, holdSecondsMax))
    .addOption(keyOption().argParser(idempotencyKey))
    .action(async (orderId: string, seconds: number, { key = randomUUID() }: Readonly<{ key?: string }>) => {
      const source = api();
      const options = { idempotencyKey: key, signal: source.stop };
      show(await extend(source, orderId, seconds, options).catch(namingKey(source, key)), renderOrder);
    });
}

function addHistory(orders: Command, { api, show }: OrderChangesNeeds): void {
  orders
    .command("history")
    .description("list the changes of an order, the oldest first")
    .argument("<id>", "its id", id)
    .action(async (orderId: string) => {
      const source = api();
      show(await history(source, orderId, { signal: source.stop }), renderHistory);
    });
}

/** Ctrl-C came before the answer: throws with the key, also a random one, so that the order is changed once at most. */
function namingKey({ stop }: Pick<Api, "stop">, key: string): (error: unknown) => never {
  return (error) => {
    if (!stop.aborted || error !== stop.reason) throw error;
    throw new CommandError(
      "Stopped before there was an answer: the order may be changed or not.",
      `Run the same command with this key to find out; it changes the order once at most: --key ${shellWord(key)}`,
    );
  };
}
