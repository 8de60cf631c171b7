import type { FastifyReply, FastifyRequest } from "fastify";
import { htmlType, renderPage } from "../http/page.ts";

/** Whether the request comes from a link or a form, so that a person reads the response, and not from a script. */
export function wantsHtml({ headers }: FastifyRequest): boolean {
  return (headers.accept ?? "").includes("text/html");
}

/** Sends a message: as a page when the client wants HTML, otherwise as JSON. */
export function respondWithMessage(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  message: string,
): FastifyReply {
  reply.code(status);
  if (wantsHtml(request)) return reply.type(htmlType).send(messagePage(message));
  return reply.type("application/json; charset=utf-8").send(JSON.stringify({ message }));
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function messagePage(message: string): string {
  const text = message.replaceAll(/[&<>"]/g, (character) => escapes[character] ?? "");
  return renderPage(
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
