// The route of customers: erases what Onsale knows of one, which is their reference.
import { Forgotten } from "@onsale/contracts/customer";
import { CustomerRef } from "@onsale/contracts/order";
import { Ref } from "@onsale/contracts/text";
import { Type } from "typebox";
import type { Customers } from "../customers/forget.ts";
import type { App } from "../http/app-type.ts";
import { header, routeProblems } from "../http/responses.ts";

export type CustomerRouteParts = Readonly<{ customers: Customers }>;

export function registerCustomerRoute(app: App, { customers }: CustomerRouteParts): void {
  const schema = {
    tags: ["customers"],
    operationId: "forgetCustomer",
    summary: "Forget a customer",
    description:
      "Erases the reference from the account's orders and from the webhooks about them; later webhooks have null. " +
      "Tickets, figures and limits stay, and a purchase that is sent again with its key still gets its order. " +
      "Percent-encode the reference in the path.",
    params: Type.Object({ customerRef: CustomerRef }),
    response: {
      200: { ...Ref(Forgotten), description: "No order has the reference any more; `orders` is 0 when none had it." },
      202: {
        ...Ref(Forgotten),
        description: "Some orders still have it. Repeat the request until it is answered 200.",
        headers: { "retry-after": header("Seconds until the next request makes sense.") },
      },
      ...routeProblems("validation-failed"),
    },
  };
  app.delete("/customers/:customerRef", { schema, config: { scope: "orders:write" } }, async (request, reply) => {
    const { orders, isComplete } = await customers.forget(request.accountId, request.params.customerRef);
    if (!isComplete) reply.code(202).header("retry-after", "1");
    return reply.send({ orders });
  });
}
