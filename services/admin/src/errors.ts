import { classify, errorCode } from "@onsale/database/errors";
import { createThrottle } from "@onsale/observability/logger";
import type { FastifyError, FastifyReply } from "fastify";
import type { App } from "./parts.ts";
import { Refusal } from "./refusal.ts";

const statementTimeout = "57014";
const logSeldom = createThrottle((log: () => void) => log());

/** Answers every error with words for the person who is looking. Nothing internal reaches a browser. */
export function answerErrors(app: App): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    if (error instanceof Refusal) return answer(reply, error.statusCode, error.message);
    const { statusCode = 500 } = error;
    if (statusCode < 500) return answer(reply, statusCode, "This request is not as it should be; reload the page.");
    logSeldom(() => request.log.error({ err: error, route: request.routeOptions.url }, "a request failed"));
    if (errorCode(error) === statementTimeout) {
      return answer(
        reply,
        503,
        "Looking this up takes too long; ask for less, such as all orders instead of one status.",
      );
    }
    return classify(error) === "unavailable"
      ? answer(reply, 503, "PostgreSQL cannot be reached at the moment.")
      : answer(reply, 500, "This went wrong in the admin service; its log says why.");
  });
  app.setNotFoundHandler((_request, reply) => answer(reply, 404, "There is nothing here; the console is at /."));
}

function answer(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).type("application/json; charset=utf-8").send(JSON.stringify({ message }));
}
