// Who a browser is, and which orders are its own, without a database. A session is a random id in a signed cookie. An
// order gets a sealed id for the session that bought it: the order's id and a signature over both. Another session
// cannot make that signature, so an id that was seen over somebody's shoulder shows nothing.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export type Sessions = Readonly<{
  /** The session of a request's cookie; undefined when there is none, or its signature is wrong. */
  find: (headers: IncomingHttpHeaders) => string | undefined;
  /** The `Set-Cookie` header of a new session. */
  create: (headers: IncomingHttpHeaders) => string;
  /** The id by which the session's browser knows an order. */
  seal: (session: string, orderId: string) => string;
  /** The order's id; undefined when the sealed id was made for another session, or by nobody. */
  unseal: (session: string, sealedId: string) => string | undefined;
}>;

const cookieName = "shop_session";
const cookieSeconds = 30 * 24 * 3_600;

/** @param secret signs cookies and ids: who knows it can be every buyer */
export function createSessions(secret: string): Sessions {
  const sign = (text: string) => createHmac("sha256", secret).update(text).digest().subarray(0, 16);
  const isSigned = (text: string, signature: string) => {
    const given = Buffer.from(signature, "base64url");
    const expected = sign(text);
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
  /** The text before the last dot, when what follows is its signature. */
  const openSigned = (signed: string, context: string) => {
    const [text = "", signature = "", ...others] = signed.split(".");
    return others.length === 0 && isSigned(`${context}:${text}`, signature) ? text : undefined;
  };
  const toSigned = (text: string, context: string) => `${text}.${sign(`${context}:${text}`).toString("base64url")}`;

  return {
    find: ({ cookie = "" }) => {
      const prefix = `${cookieName}=`;
      const value = cookie.split("; ").find((part) => part.startsWith(prefix));
      return value === undefined ? undefined : openSigned(value.slice(prefix.length), "session");
    },
    create: (headers) => {
      const value = toSigned(randomBytes(16).toString("base64url"), "session");
      // Behind a proxy that speaks TLS, browsers send the cookie over TLS only.
      const secure = headers["x-forwarded-proto"] === "https" ? "; Secure" : "";
      return `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${cookieSeconds}${secure}`;
    },
    seal: (session, orderId) => toSigned(orderId, `order of ${session}`),
    unseal: (session, sealedId) => openSigned(sealedId, `order of ${session}`),
  };
}
