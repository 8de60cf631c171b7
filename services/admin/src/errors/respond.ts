import type { FastifyReply, FastifyRequest } from "fastify";
import { messagePage } from "../pages/message-page.ts";

/** Whether a person will read the answer as it is: who follows a link or sends a form, and not a script of a page. */
export function wantsPage({ headers }: FastifyRequest): boolean {
  return (headers.accept ?? "").includes("text/html");
}

/** Answers with a sentence: on a page for a person, else in JSON. */
export function answerWith(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  message: string,
): FastifyReply {
  reply.code(status);
  if (wantsPage(request)) return reply.type("text/html; charset=utf-8").send(messagePage(message));
  return reply.type("application/json; charset=utf-8").send(JSON.stringify({ message }));
}
