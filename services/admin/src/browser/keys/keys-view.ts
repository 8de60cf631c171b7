// The view of API keys: listed, created and shown once, revoked.
import { type ComponentChild, Fragment, h } from "preact";
import { useState } from "preact/hooks";
import type { CreatedKey, KeyLine, KeyPage } from "../../console/messages/key-messages.ts";
import { Activities } from "../event/activity-log.ts";
import { Pager } from "../event/pager.ts";
import { formatDateTime } from "../format.ts";
import { useChange } from "../live/use-change.ts";
import { usePolled } from "../live/use-polled.ts";
import { ConfirmButton } from "../parts/confirm-button.ts";
import { CopyButton } from "../parts/copy-button.ts";
import { Failure } from "../parts/notes.ts";
import { wrappingTable } from "../parts/table.ts";
import { KeyForm } from "./key-form.ts";

const refreshMs = 5_000;

export function KeysView({ isReadOnly }: Readonly<{ isReadOnly: boolean }>): ComponentChild {
  const [after, setAfter] = useState<string | null>(null);
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const change = useChange<CreatedKey>("/api/keys");
  const query = after === null ? "" : `?after=${after}`;
  const { value: page, failure, refresh } = usePolled<KeyPage>(`/api/keys${query}`, () => refreshMs);
  const create = async (body: object) => {
    const answer = await change.send("", body);
    if (answer === undefined) return;
    setMade(answer.key);
    setMaking(false);
    setAfter(null);
    refresh();
  };
  const revoke = async (id: string) => {
    if ((await change.send(`/${id}/revoke`, {})) !== undefined) refresh();
  };
  return h(
    Fragment,
    null,
    h(
      "section",
      { class: "card actions keys", "aria-label": "API keys" },
      h(
        "div",
        { class: "heading" },
        h("h1", null, "API keys"),
        isReadOnly
          ? null
          : h(
              "button",
              { type: "button", class: "primary", "aria-expanded": isMaking, onClick: () => setMaking(!isMaking) },
              "Create a key",
            ),
      ),
      isMaking ? h(KeyForm, { isSending: change.isSending, onSend: (body) => void create(body) }) : null,
      change.note,
      made === null ? null : h(NewKey, { made, onClose: () => setMade(null) }),
      h(Failure, { failure, hasValue: page !== undefined }),
      page === undefined
        ? null
        : h(Keys, {
            keys: page.keys,
            isSending: change.isSending,
            revoke: isReadOnly ? null : (id) => void revoke(id),
          }),
      h(Pager, { after, next: page?.next ?? null, go: setAfter }),
    ),
    h(Activities, { path: "/api/keys/activity", nobody: "Nobody has created or revoked a key in the console." }),
  );
}

type KeysProps = Readonly<{
  keys: readonly KeyLine[];
  isSending: boolean;
  /** Null in read-only mode. */
  revoke: ((id: string) => void) | null;
}>;

function Keys({ keys, isSending, revoke }: KeysProps): ComponentChild {
  if (keys.length === 0) {
    const text =
      "There are no keys yet. A gateway that runs with AUTH=keys answers only callers that have one: create one.";
    return h("p", { class: "quiet", role: "status" }, text);
  }
  const head = ["Name", "State", "May", "Account", "Created", "Last used", ...(revoke === null ? [] : ["Change"])];
  const rows = keys.map((key) => ({
    key: key.id,
    cells: [
      h("span", { class: "pair" }, h("b", null, key.name), h("span", { class: "mono quiet" }, key.id)),
      h(State, { line: key }),
      key.scopes.join(", "),
      h("span", { class: "unbroken" }, key.accountName),
      formatDateTime(key.createdAt),
      key.lastUsedAt === null ? h("span", { class: "quiet" }, "never") : formatDateTime(key.lastUsedAt),
      ...(revoke === null ? [] : [key.state === "revoked" ? null : drawRevoke(key, isSending, revoke)]),
    ],
  }));
  return wrappingTable(head, rows);
}

const tones = { valid: "ok", expired: "warn", revoked: "" } as const;

function State({ line: { state, expiresAt, revokedAt } }: Readonly<{ line: KeyLine }>): ComponentChild {
  const at = state === "revoked" ? revokedAt : expiresAt;
  const words = { valid: "until", expired: "since", revoked: "since" }[state];
  return h(
    "span",
    { class: "status" },
    h("b", { class: `tag ${tones[state]}` }, state),
    at === null ? null : h("span", { class: "small" }, `${words} ${formatDateTime(at)}`),
  );
}

function drawRevoke({ id, name }: KeyLine, isSending: boolean, revoke: (id: string) => void): ComponentChild {
  return h(ConfirmButton, {
    words: "Revoke",
    label: `Revoke the key ${name} (${id})`,
    question: `Programs that use the key “${name}” are refused within 30 seconds. This cannot be undone.`,
    confirmWords: "Revoke it for good",
    isDisabled: isSending,
    onConfirm: () => revoke(id),
  });
}

function NewKey({ made, onClose }: Readonly<{ made: string; onClose: () => void }>): ComponentChild {
  return h(
    "div",
    { class: "new-key" },
    h(
      "label",
      null,
      "The new key, which is shown only now",
      h("textarea", { class: "mono", readOnly: true, rows: 2, value: made }),
    ),
    h(
      "div",
      { class: "buttons" },
      h(CopyButton, { text: made, what: "the new key" }),
      h("button", { type: "button", onClick: onClose }, "I have copied it"),
    ),
  );
}
