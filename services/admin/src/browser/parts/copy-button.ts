// A button that copies a text, and ids that are shown short beside one.
import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";

type Outcome = "none" | "copied" | "failed";
const words: Readonly<Record<Outcome, string>> = { none: "Copy", copied: "Copied", failed: "Not copied" };

/** `what`: the object of the sentence "Copy …", for people who hear the button without what is beside it. */
type CopyButtonProps = Readonly<{ text: string; what: string }>;

export function CopyButton({ text, what }: CopyButtonProps): ComponentChild {
  const [outcome, setOutcome] = useState<Outcome>("none");
  const copy = async () => setOutcome((await copyText(text)) ? "copied" : "failed");
  return h(
    "span",
    { class: "copy" },
    h(
      "button",
      { type: "button", "aria-label": `Copy ${what}`, title: `Copy ${what}`, onClick: () => void copy() },
      words[outcome],
    ),
    h("span", { class: "unseen", role: "status" }, outcome === "none" ? "" : words[outcome]),
  );
}

/** Browsers have a clipboard for pages on this machine and over TLS only; elsewhere the older command works. */
async function copyText(text: string): Promise<boolean> {
  try {
    if (isSecureContext) {
      await navigator.clipboard.writeText(text);
      return true;
    }
  } catch {
    // The person or the browser forbids it; the older command may still be allowed.
  }
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  return isCopied;
}

/** The ids of things that were made together differ at their ends. */
const shownCharacters = 8;

/** `href`: where the id leads to; without it the id is no link. */
type ShortIdProps = Readonly<{ id: string; what: string; href?: string }>;

export function ShortId({ id, what, href }: ShortIdProps): ComponentChild {
  const short = `…${id.slice(-shownCharacters)}`;
  return h(
    "span",
    { class: "short-id" },
    href === undefined
      ? h("span", { class: "mono", title: id }, short)
      : h("a", { href, class: "mono", title: id }, short),
    h(CopyButton, { text: id, what }),
  );
}
