import { classify } from "@onsale/database/errors";
import { createThrottle } from "@onsale/lifecycle/throttle";
import type { FastifyError } from "fastify";
import type { App } from "../parts.ts";
import { describeBadRequest } from "./bad-request.ts";
import { isCrowded, isTimeout } from "./database-failures.ts";
import { Refusal } from "./http-error.ts";
import { answerWith } from "./respond.ts";

const logSeldom = createThrottle((log: () => void) => log());

/** Answers every error with words for the person who is looking. Nothing internal reaches a browser. */
export function answerErrors(app: App): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { status, message } = describeRefused(error) ?? describeFailed(error);
    if (status >= 500 && !(error instanceof Refusal)) {
      logSeldom(() => request.log.error({ err: error, route: request.routeOptions.url }, "a request failed"));
    }
    return answerWith(request, reply, status, message);
  });
  app.setNotFoundHandler((request, reply) => {
    return answerWith(request, reply, 404, "There is nothing here; the console is at /.");
  });
}

type Answer = Readonly<{ status: number; message: string }>;

/** What is said of a request that was not served because of what it is; undefined when it should have been served. */
export function describeRefused(error: Error & Partial<FastifyError>): Answer | undefined {
  if (error instanceof Refusal) return { status: error.statusCode, message: error.message };
  const { statusCode: status = 500 } = error;
  return status < 500 ? { status, message: describeBadRequest(error) } : undefined;
}

function describeFailed(error: Error): Answer {
  if (isTimeout(error)) {
    const message = "Looking this up takes too long; ask for less, such as all orders instead of one status.";
    return { status: 503, message };
  }
  if (isCrowded(error)) {
    return { status: 503, message: "Too much is being looked up at the moment; try again in some seconds." };
  }
  return classify(error) === "unavailable"
    ? { status: 503, message: "PostgreSQL cannot be reached at the moment." }
    : { status: 500, message: "This went wrong in the admin service; its log says why." };
}
