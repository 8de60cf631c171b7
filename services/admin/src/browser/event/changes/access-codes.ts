// The access codes of an event: made, shown once, listed with their uses, revoked.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { CodeLine, CodePage, CreatedCodes } from "../../../console/messages/event-messages.ts";
import type { EventLine } from "../../../console/messages/messages.ts";
import { formatCount, formatDateTime } from "../../format.ts";
import { usePolled } from "../../live/use-polled.ts";
import { Failure } from "../../parts/notes.ts";
import { table, text } from "../../parts/table.ts";
import { Pager } from "../pager.ts";
import { useChange } from "./change.ts";
import { CodeForm } from "./code-form.ts";

const refreshMs = 5_000;

type AccessCodesProps = Readonly<{ line: EventLine; isReadOnly: boolean }>;

export function AccessCodes({ line, isReadOnly }: AccessCodesProps): ComponentChild {
  const [after, setAfter] = useState<string | null>(null);
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<readonly string[]>([]);
  const change = useChange<CreatedCodes>(line.id);
  const query = after === null ? "" : `?after=${after}`;
  const {
    value: page,
    failure,
    refresh,
  } = usePolled<CodePage>(`/api/events/${line.id}/access-codes${query}`, () => refreshMs);
  const send = async (path: string, body: object) => {
    const answer = await change.send(path, body);
    if (answer === undefined) return;
    setMade(answer.codes ?? []);
    setMaking(false);
    setAfter(null);
    refresh();
  };
  const canChange = !isReadOnly && line.saleState !== "cancelled";
  const revoke = canChange ? ({ id }: CodeLine) => void send(`access-codes/${id}/revoke`, {}) : null;
  return h(
    "section",
    { class: "card actions codes", "aria-label": "Access codes" },
    h("h2", null, "Access codes"),
    h(Failure, { failure, hasValue: page !== undefined }),
    page === undefined ? null : h(CodeTable, { codes: page.codes, revoke }),
    h(Pager, { after, next: page?.next ?? null, go: setAfter }),
    canChange && page?.canCreate === false
      ? h("p", { class: "quiet small" }, "Codes cannot be made here: the admin service has no CUSTOMER_KEY.")
      : null,
    canChange && page?.canCreate === true
      ? h(
          "button",
          { type: "button", "aria-expanded": isMaking, onClick: () => setMaking(!isMaking) },
          "Make access codes",
        )
      : null,
    isMaking && canChange
      ? h(CodeForm, { line, isSending: change.isSending, onSend: (body) => void send("access-codes", body) })
      : null,
    change.note,
    made.length === 0 ? null : h(NewCodes, { codes: made, onClose: () => setMade([]) }),
  );
}

type CodeTableProps = Readonly<{ codes: readonly CodeLine[]; revoke: ((code: CodeLine) => void) | null }>;

function CodeTable({ codes, revoke }: CodeTableProps): ComponentChild {
  if (codes.length === 0) return h("p", { class: "quiet", role: "status" }, "There are no access codes.");
  const head = ["Ends with", "Opens", "Used", "Tickets", "Made", ...(revoke === null ? [] : ["Change"])];
  const rows = codes.map((code) => ({
    key: String(code.id),
    cells: [
      text(h("span", { class: "mono" }, code.hint === null ? `number ${code.id}` : `…${code.hint}`)),
      text(code.ticketTypes.join(", ")),
      text(`${formatCount(code.used)} of ${formatCount(code.maxUses)}`),
      text(code.maxPerOrder === null ? "no own limit" : `${formatCount(code.maxPerOrder)} an order`),
      text(formatDateTime(code.createdAt)),
      ...(revoke === null ? [] : [text(drawRevoke(code, revoke))]),
    ],
  }));
  return h("div", { class: "scrolling", tabIndex: 0, role: "group", "aria-label": "Access codes" }, table(head, rows));
}

function drawRevoke(code: CodeLine, revoke: (code: CodeLine) => void): ComponentChild {
  if (code.revokedAt !== null) return h("b", { class: "tag" }, "revoked");
  const label = `Revoke the code ${code.hint === null ? `number ${code.id}` : `that ends with ${code.hint}`}`;
  return h("button", { type: "button", "aria-label": label, onClick: () => revoke(code) }, "Revoke");
}

function NewCodes({ codes, onClose }: Readonly<{ codes: readonly string[]; onClose: () => void }>): ComponentChild {
  return [
    h(
      "label",
      { key: "codes" },
      "The new codes, which are shown only now",
      h("textarea", { class: "mono", readOnly: true, rows: Math.min(10, codes.length), value: codes.join("\n") }),
    ),
    h("button", { type: "button", key: "close", onClick: onClose }, "I have copied them"),
  ];
}
