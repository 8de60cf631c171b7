import { forgetCustomer } from "@onsale/client";
import type { Command } from "commander";
import type { ApiSource } from "../api/call.ts";
import { customerRef } from "../arguments.ts";
import type { Output } from "../output/output.ts";
import { count, plain } from "../output/text.ts";

export type CustomersNeeds = Pick<Output, "show"> & Readonly<{ api: ApiSource }>;

/** `onsale customers ...` */
export function addCustomers(program: Command, { api, show }: CustomersNeeds): void {
  const customers = program.command("customers").description("the buyers, by your own references");

  customers
    .command("forget")
    .description("erase a reference from all orders and webhooks; tickets, figures and limits stay")
    .argument("<ref>", "your own reference for the buyer", customerRef)
    .action(async (ref: string) => {
      const source = api();
      const orders = await forgetCustomer(source, ref, { signal: source.stop });
      show({ orders }, () => `Erased ${plain(ref)} from ${count(orders)} ${orders === 1 ? "order" : "orders"}.`);
    });
}
