import { page } from "./page.ts";

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** A page with nothing but a sentence, such as why a request was refused. */
export function messagePage(message: string): string {
  const text = message.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? "");
  return page(
    "Not possible",
    `<main class="login">
  <div class="card">
    <h1>Onsale</h1>
    <p>${text}</p>
    <p><a href="/">To the console</a></p>
  </div>
</main>`,
  );
}
