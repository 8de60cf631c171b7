import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import type { App } from "../parts.ts";

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
  // Forms of our own pages must name their origin.
  referrerPolicy: { policy: "same-origin" },
  // Whoever ends TLS before this service says how long it is to be insisted on.
  strictTransportSecurity: false,
};

/** For Bull Board, whose pages name their base and have styles in them; scripts are as strict. */
export const queueBoardHelmet: FastifyHelmetOptions = {
  ...strict,
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { ...directives, styleSrc: ["'self'", "'unsafe-inline'"], baseUri: ["'self'"] },
  },
};

/** Nothing from elsewhere, nothing inline, no frames; and no copy of what was shown is kept. */
export async function registerSecurityHeaders(app: App): Promise<void> {
  await app.register(helmet, { global: true, ...strict });
  app.addHook("onRequest", (_request, reply, done) => {
    reply.header("cache-control", "no-store");
    done();
  });
}
