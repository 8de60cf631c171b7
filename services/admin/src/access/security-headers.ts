import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import type { App } from "../http/app-type.ts";

const directives = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", "data:"],
  connectSrc: ["'self'"],
  fontSrc: ["'self'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
  baseUri: ["'none'"],
};

const strict: FastifyHelmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives },
  xFrameOptions: { action: "deny" },
  // With "no-referrer", browsers send `Origin: null` with forms, which guard-requests.ts refuses.
  referrerPolicy: { policy: "same-origin" },
  // The proxy that terminates TLS sets this header.
  strictTransportSecurity: false,
};

/** For Bull Board, whose pages have a `base` element and inline styles. Scripts are as strict as elsewhere. */
export const queueBoardHelmet: FastifyHelmetOptions = {
  ...strict,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { ...directives, styleSrc: ["'self'", "'unsafe-inline'"], baseUri: ["'self'"] },
  },
};

/** Allows no content of other origins, nothing inline and no frames, and forbids caches to keep a copy. */
export async function registerSecurityHeaders(app: App): Promise<void> {
  await app.register(helmet, { global: true, ...strict });
  app.addHook("onRequest", (_request, reply, done) => {
    reply.header("cache-control", "no-store");
    done();
  });
}
