// The form that creates an API key.
import { type ComponentChild, h } from "preact";
import type { KeyChoices } from "../../console/messages/key-messages.ts";
import { onSubmit, readText } from "../event/changes/change.ts";
import { usePolled } from "../live/use-polled.ts";
import { Failure } from "../parts/notes.ts";

/** As the command line takes it. */
const nameMax = 100;

type KeyFormProps = Readonly<{ isSending: boolean; onSend: (body: object) => void }>;

export function KeyForm({ isSending, onSend }: KeyFormProps): ComponentChild {
  const { value: choices, failure } = usePolled<KeyChoices>("/api/keys/choices", () => null);
  if (choices === undefined) return h(Failure, { failure, hasValue: false });
  const submit = onSubmit((form) => {
    const expires = readText(form, "expiresAt");
    onSend({
      name: readText(form, "name"),
      account: readText(form, "account"),
      scopes: form.getAll("scopes").map(String),
      expiresAt: expires === "" ? null : new Date(expires).toISOString(),
    });
  });
  return h(
    "form",
    { onSubmit: submit },
    h(
      "label",
      null,
      "What it is for, such as shop",
      h("input", { name: "name", maxLength: nameMax, required: true, autocomplete: "off", spellcheck: false }),
    ),
    h(
      "label",
      null,
      "Account",
      h(
        "select",
        { name: "account" },
        choices.accounts.map((name) => h("option", { value: name, key: name }, name)),
      ),
    ),
    h(
      "fieldset",
      { class: "scopes" },
      h("legend", null, "It may"),
      choices.scopes.map(({ name, allows, isUsual }) =>
        h(
          "label",
          { class: "choice", key: name },
          h("input", { type: "checkbox", name: "scopes", value: name, defaultChecked: isUsual }),
          h("span", null, h("b", null, name), ` ${allows}`),
        ),
      ),
    ),
    h(
      "label",
      null,
      "Expires, in the time zone of this browser; empty for never",
      h("input", { type: "datetime-local", step: 1, name: "expiresAt" }),
    ),
    h("button", { class: "primary", disabled: isSending }, "Create the key"),
  );
}
