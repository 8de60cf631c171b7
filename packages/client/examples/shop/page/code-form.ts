// The access code: it shows hidden ticket types, and is sent with the purchase.
import { ProblemError } from "@onsale/client";
import { byId, setText } from "./dom.ts";
import { memory, remember } from "./memory.ts";
import { readEvent } from "./sale.ts";
import { explain } from "./words.ts";

/** What Onsale takes as an access code. */
const codePattern = /^[A-Za-z0-9-]{6,64}$/;

export function startCodeForm(): void {
  const input = byId("code-input", HTMLInputElement);
  const message = byId("code-message", HTMLElement);
  input.value = memory.get().accessCode;
  byId("code-form", HTMLFormElement).addEventListener("submit", async (event) => {
    event.preventDefault();
    const code = input.value.trim();
    const say = (text: string, isWrong = false) => {
      setText(message, text);
      input.setAttribute("aria-invalid", String(isWrong));
    };
    if (code !== "" && !codePattern.test(code)) {
      return say("A code has 6 to 64 letters, digits and hyphens.", true);
    }
    try {
      await readEvent(code);
      remember({ accessCode: code });
      say(code === "" ? "No code is used." : "Your code is applied. It counts for what you reserve now.");
    } catch (error) {
      const { title, next } = explain(error);
      say(`${title} ${next}`, error instanceof ProblemError);
    }
  });
}
