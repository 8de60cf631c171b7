import { styleText } from "node:util";
import type { Delivery, DeliveryStatus } from "@onsale/contracts/webhook";
import type { Command } from "commander";
import { type ApiSource, call, pathOf } from "../../api/call.ts";
import { list, moreOf } from "../../api/list.ts";
import { deliveryStatusOption, id, limitOption } from "../../arguments.ts";
import type { Output } from "../../output/output.ts";
import { renderTable } from "../../output/table.ts";
import { count, plain, time } from "../../output/text.ts";

export type DeliveriesNeeds = Pick<Output, "show"> & Readonly<{ api: ApiSource }>;

/** `onsale webhooks ping|deliveries` */
export function addDeliveries(webhooks: Command, { api, show }: DeliveriesNeeds): void {
  webhooks
    .command("ping")
    .description("send a test delivery")
    .argument("<id>", "the endpoint's id", id)
    .action(async (webhookId: string) => {
      const request = { method: "POST", path: pathOf("webhooks", webhookId, "ping") } as const;
      show(await call(api(), request, "Delivery"), (delivery) => {
        const next = `onsale webhooks deliveries ${webhookId}`;
        return `The ping ${delivery.id} will be sent; see the answer with: ${next}`;
      });
    });

  webhooks
    .command("deliveries")
    .description("show the deliveries to an endpoint, and its answers")
    .argument("<id>", "the endpoint's id", id)
    .addOption(deliveryStatusOption())
    .addOption(limitOption())
    .action(async (webhookId: string, { status, limit }: { status?: DeliveryStatus; limit: number }) => {
      const request = { path: pathOf("webhooks", webhookId, "deliveries"), query: { status } };
      show(await list(api(), request, "Delivery", limit), (listed) => {
        const columns = ["id", "type", "status", "created", "attempts", "last answer"].map((head) => ({
          head,
          isFigure: head === "attempts",
        }));
        const rows = listed.items.map((delivery) => [
          delivery.id,
          delivery.type,
          coloured(delivery.status),
          time(delivery.createdAt),
          count(delivery.attempts[0]?.number ?? 0),
          lastAnswer(delivery),
        ]);
        return renderTable(columns, rows, "Nothing was sent to this endpoint.") + moreOf(listed);
      });
    });
}

function lastAnswer({ attempts: [last], nextAttemptAt, status }: Delivery): string {
  if (last === undefined) return "–";
  const answer = last.status === null ? last.result : `${last.status} ${last.result}`;
  const why = last.error === null ? "" : `: ${plain(last.error)}`;
  const next = status === "PENDING" && nextAttemptAt !== null ? `, again at ${time(nextAttemptAt)}` : "";
  return `${answer} in ${count(last.durationMs)} ms${why}${next}`;
}

const colours = {
  PENDING: "yellow",
  DELIVERED: "green",
  FAILED: "red",
} as const satisfies Record<DeliveryStatus, string>;

function coloured(status: DeliveryStatus): string {
  return styleText(colours[status], status);
}
