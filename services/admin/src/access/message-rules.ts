// The rules of HTTP messages of packages/service, with messages as answers.
import { Transform } from "node:stream";
import { findBodyFault, findHeadFault, refuseExpectations, unknownExpectation } from "@onsale/service/message-rules";
import { HttpError } from "../errors/http-error.ts";
import type { App } from "../http/app-type.ts";

/** Refuses messages that break the rules. Must be called before hooks that read these fields. */
export function registerMessageRules(app: App): void {
  app.addHook("onRequest", ({ raw }, _reply, done) => {
    const fault = findHeadFault(raw);
    done(fault === undefined ? undefined : new HttpError(400, fault));
  });
  app.addHook("preParsing", ({ headers }, _reply, payload, done) => {
    const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
    if (!hasBody) return done(null, payload);
    const fault = findBodyFault(headers);
    if (fault !== undefined) return done(new HttpError(415, fault));
    done(null, payload.pipe(checkUtf8()));
  });
  refuseExpectations(app.server, () => ({
    type: "application/json; charset=utf-8",
    body: JSON.stringify({ message: unknownExpectation }),
  }));
}

/** Passes a body on as it is, and fails when it is not UTF-8: the parsers would replace such bytes. */
function checkUtf8(): Transform {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const isValid = (bytes?: Uint8Array) => {
    try {
      decoder.decode(bytes, { stream: bytes !== undefined });
      return true;
    } catch {
      return false;
    }
  };
  const refusal = () => new HttpError(400, "The body of this request is not valid UTF-8.");
  return new Transform({
    transform: (chunk: Buffer, _encoding, done) => (isValid(chunk) ? done(null, chunk) : done(refusal())),
    flush: (done) => (isValid() ? done() : done(refusal())),
  });
}
