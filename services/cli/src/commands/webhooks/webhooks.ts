import { styleText } from "node:util";
import { webhookUrlMax } from "@onsale/contracts/values";
import type { Webhook, WebhookType } from "@onsale/contracts/webhook";
import { type Command, InvalidArgumentError } from "commander";
import { type ApiSource, call, pathOf } from "../../api/call.ts";
import { list, moreOf } from "../../api/list.ts";
import { eventCode, id, limitOption, webhookTypesOption } from "../../arguments.ts";
import type { Output } from "../../output/output.ts";
import { renderFields, renderTable } from "../../output/table.ts";
import { plain, time } from "../../output/text.ts";
import { addDeliveries } from "./deliveries.ts";

type CreateOptions = Readonly<{ events: WebhookType[]; event?: string; description?: string }>;

export type WebhooksNeeds = Pick<Output, "show" | "note"> & Readonly<{ api: ApiSource }>;

/** `onsale webhooks ...` */
export function addWebhooks(program: Command, needs: WebhooksNeeds): void {
  const webhooks = program.command("webhooks").description("endpoints that receive the decisions on orders");
  addReading(webhooks, needs);
  addChanging(webhooks, needs);
  addDeliveries(webhooks, needs);
}

function addReading(webhooks: Command, { api, show }: WebhooksNeeds): void {
  webhooks
    .command("list")
    .description("list endpoints, the newest first")
    .addOption(limitOption())
    .action(async ({ limit }: { limit: number }) =>
      show(await list(api(), { path: "/webhooks" }, "Webhook", limit), (listed) => {
        const columns = ["id", "state", "url", "events", "event"].map((head) => ({ head }));
        const rows = listed.items.map((webhook) => [
          webhook.id,
          stateOf(webhook),
          plain(webhook.url),
          webhook.events.join(" "),
          webhook.eventCode ?? "all",
        ]);
        const none = "There are no webhook endpoints. Register one with: onsale webhooks create URL";
        return renderTable(columns, rows, none) + moreOf(listed);
      }),
    );

  webhooks
    .command("show")
    .description("show an endpoint")
    .argument("<id>", "its id", id)
    .action(async (webhookId: string) =>
      show(await call(api(), { method: "GET", path: pathOf("webhooks", webhookId) }, "Webhook"), renderWebhook),
    );
}

function addChanging(webhooks: Command, { api, show, note }: WebhooksNeeds): void {
  webhooks
    .command("create")
    .description("register an endpoint; its secret is shown only once")
    .argument("<url>", "where to POST, such as https://shop.example.com/hooks/onsale", webhookUrl)
    .addOption(webhookTypesOption())
    .option("--event <code>", "only orders of this event", eventCode)
    .option("--description <text>", "for people")
    .action(async (url: string, { events, event, description }: CreateOptions) => {
      const body = { url, events, eventCode: event, description };
      show(await call(api(), { method: "POST", path: "/webhooks", body }, "CreatedWebhook"), (created) =>
        [renderWebhook(created), renderFields([["secret", styleText("bold", created.secret)]])].join("\n"),
      );
      note("Keep the secret: it verifies deliveries, and it is not shown again.");
    });

  webhooks
    .command("rotate")
    .description("replace the secret; the old and the new one both sign for 24 hours")
    .argument("<id>", "its id", id)
    .action(async (webhookId: string) => {
      const path = pathOf("webhooks", webhookId, "rotate-secret");
      show(await call(api(), { method: "POST", path }, "RotatedSecret"), ({ secret, previousSecretExpiresAt }) =>
        renderFields([
          ["secret", styleText("bold", secret)],
          ["previous secret", `signs until ${time(previousSecretExpiresAt)}`],
        ]),
      );
      note("Keep the secret: it is not shown again.");
    });

  webhooks
    .command("delete")
    .description("delete an endpoint with its deliveries")
    .argument("<id>", "its id", id)
    .action(async (webhookId: string) => {
      await call(api(), { method: "DELETE", path: pathOf("webhooks", webhookId) }, "Nothing");
      show({ deleted: webhookId }, () => `Deleted ${webhookId}.`);
    });
}

function webhookUrl(text: string): string {
  const isWebUrl = URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
  if (isWebUrl && text.length <= webhookUrlMax) return text;
  throw new InvalidArgumentError("It must be a URL such as https://shop.example.com/hooks/onsale.");
}

function stateOf({ enabled }: Webhook): string {
  return enabled ? styleText("green", "enabled") : styleText("red", "disabled");
}

function renderWebhook(webhook: Webhook): string {
  const { disabledAt, disabledReason } = webhook;
  const since = disabledAt === null ? "" : ` since ${time(disabledAt)}: ${plain(disabledReason ?? "by its owner")}`;
  return renderFields([
    ["endpoint", webhook.id],
    ["url", plain(webhook.url)],
    ["state", `${stateOf(webhook)}${since}`],
    ["events", webhook.events.join(" ")],
    ["of", webhook.eventCode ?? "all events"],
    ["description", plain(webhook.description ?? "–")],
    ["created", time(webhook.createdAt)],
  ]);
}
