import { classify } from "@onsale/database/errors";
import { createThrottle } from "@onsale/lifecycle/throttle";
import type { FastifyError } from "fastify";
import type { App } from "../http/app-type.ts";
import { describeBadRequest } from "./bad-request.ts";
import { isPoolExhausted, isTimeout } from "./database-failures.ts";
import { HttpError } from "./http-error.ts";
import { respondWithMessage } from "./respond.ts";

const logSeldom = createThrottle((log: () => void) => log());

/** Turns every error into a message for the user. The message holds nothing of the error itself; the log has that. */
export function registerErrorHandler(app: App): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { status, message } = describeExpectedError(error) ?? describeServerError(error);
    if (status >= 500 && !(error instanceof HttpError)) {
      logSeldom(() => request.log.error({ err: error, route: request.routeOptions.url }, "a request failed"));
    }
    return respondWithMessage(request, reply, status, message);
  });
  app.setNotFoundHandler((request, reply) => {
    return respondWithMessage(request, reply, 404, "There is nothing here; the console is at /.");
  });
}

type ErrorResponse = Readonly<{ status: number; message: string }>;

/** The response to an `HttpError` or to a fault of the request; undefined for a failure of the server. */
export function describeExpectedError(error: Error & Partial<FastifyError>): ErrorResponse | undefined {
  if (error instanceof HttpError) return { status: error.statusCode, message: error.message };
  const { statusCode: status = 500 } = error;
  return status < 500 ? { status, message: describeBadRequest(error) } : undefined;
}

function describeServerError(error: Error): ErrorResponse {
  if (isTimeout(error)) {
    const message = "This query takes too long; ask for less, such as all orders instead of one status.";
    return { status: 503, message };
  }
  if (isPoolExhausted(error)) {
    return { status: 503, message: "Too many queries are running at the moment; try again in some seconds." };
  }
  return classify(error) === "unavailable"
    ? { status: 503, message: "PostgreSQL cannot be reached at the moment." }
    : { status: 500, message: "The admin service failed; its log says why." };
}
