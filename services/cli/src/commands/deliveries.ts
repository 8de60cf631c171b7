import { styleText } from "node:util";
import { Delivery, type DeliveryStatus } from "@onsale/contracts/webhook";
import type { Command } from "commander";
import { call, pathOf } from "../api.ts";
import { deliveryStatusOption, id, limitOption } from "../arguments.ts";
import { list, restOf } from "../list.ts";
import type { Parts } from "../parts.ts";
import { renderTable } from "../table.ts";
import { count, plain, time } from "../text.ts";

/** `onsale webhooks ping|deliveries` */
export function addDeliveries(webhooks: Command, { client, show }: Parts): void {
  webhooks
    .command("ping")
    .description("send a test delivery")
    .argument("<id>", "the endpoint's id", id)
    .action(async (webhookId: string) => {
      const request = { method: "POST", path: pathOf("webhooks", webhookId, "ping") } as const;
      show(await call(client(), request, Delivery), (delivery) => {
        const next = `onsale webhooks deliveries ${webhookId}`;
        return `The ping ${delivery.id} will be sent; see what was answered with: ${next}`;
      });
    });

  webhooks
    .command("deliveries")
    .description("show what was sent to an endpoint, and what it answered")
    .argument("<id>", "the endpoint's id", id)
    .addOption(deliveryStatusOption())
    .addOption(limitOption())
    .action(async (webhookId: string, { status, limit }: { status?: DeliveryStatus; limit: number }) => {
      const request = { path: pathOf("webhooks", webhookId, "deliveries"), query: { status } };
      show(await list(client(), request, Delivery, limit), (listed) => {
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
        return renderTable(columns, rows, "Nothing was sent to this endpoint.") + restOf(listed);
      });
    });
}

function lastAnswer({ attempts: [last], nextAttemptAt, status }: Delivery): string {
  if (last === undefined) return "–";
  const said = last.status === null ? last.result : `${last.status} ${last.result}`;
  const why = last.error === null ? "" : `: ${plain(last.error)}`;
  const next = status === "PENDING" && nextAttemptAt !== null ? `, again at ${time(nextAttemptAt)}` : "";
  return `${said} in ${count(last.durationMs)} ms${why}${next}`;
}

const colours = {
  PENDING: "yellow",
  DELIVERED: "green",
  FAILED: "red",
} as const satisfies Record<DeliveryStatus, string>;

function coloured(status: DeliveryStatus): string {
  return styleText(colours[status], status);
}
