import { type ComponentChild, type ComponentChildren, h } from "preact";
import { useMemo } from "preact/hooks";
import type { WebhookLines } from "../../console/messages/messages.ts";
import { formatCount, formatRate, formatSeconds, formatTime } from "../format.ts";
import { Loading, Panel } from "../parts/panel.ts";
import { number, table, text } from "../parts/table.ts";

/** The oldest undelivered fact is shown in red when it is older than this; the alert has the same limit. */
const undeliveredSeconds = 3_600;

type WebhooksPanelProps = Readonly<{ webhooks: WebhookLines | undefined; since: number | null | undefined }>;

/** The state of the webhooks of all accounts. */
export function WebhooksPanel({ webhooks, since }: WebhooksPanelProps): ComponentChild {
  return useMemo(() => {
    return h(Panel, { title: "Webhooks", since }, webhooks === undefined ? h(Loading, null) : drawWebhooks(webhooks));
  }, [webhooks, since]);
}

function drawWebhooks(webhooks: WebhookLines): ComponentChild {
  const { attempts, enabled, failing, disabled, oldestUndeliveredSeconds, endpoints } = webhooks;
  if (endpoints.length === 0) {
    return h("p", { class: "quiet" }, "There are no webhook endpoints; POST /api/v1/webhooks creates one.");
  }
  const oldest = formatSeconds(oldestUndeliveredSeconds);
  const attemptRows = attempts.map(({ result, perSecond, total }) => ({
    key: result,
    cells: [text(result), number(formatRate(perSecond)), number(formatCount(total))],
  }));
  const endpointRows = endpoints.map(({ id, origin, failingSince, disabledReason, pending }) => ({
    key: id,
    cells: [
      text(h("a", { href: `#/webhooks/${id}` }, origin)),
      text(endpointState(failingSince, disabledReason)),
      number(formatCount(pending)),
    ],
  }));
  return h(
    "div",
    null,
    h(
      "p",
      { class: failing > 0 || oldestUndeliveredSeconds > undeliveredSeconds ? "bad small" : "quiet small" },
      `${enabled} enabled, ${failing} failing, ${disabled} disabled; oldest undelivered ${oldest}`,
    ),
    table(["Endpoint", "State", "To send"], endpointRows),
    attemptRows.length === 0 ? null : table(["Attempts", "/s", "Since start"], attemptRows),
  );
}

function endpointState(failingSince: string | null, disabledReason: string | null): ComponentChildren {
  if (disabledReason !== null) return h("span", null, h("b", { class: "tag warn" }, "disabled"), ` ${disabledReason}`);
  if (failingSince !== null) return h("b", { class: "tag bad" }, `failing since ${formatTime(failingSince)}`);
  return h("b", { class: "tag ok" }, "ok");
}
