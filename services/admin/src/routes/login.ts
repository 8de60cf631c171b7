import { type Static, Type } from "typebox";
import { closeSession, findSession, openSession } from "../access/session-cookie.ts";
import { loginPage } from "../pages/login-page.ts";
import type { App, Parts } from "../parts.ts";

const Login = Type.Object({
  user: Type.String({ maxLength: 200 }),
  password: Type.String({ maxLength: 1_000 }),
});
type Login = Static<typeof Login>;

const html = "text/html; charset=utf-8";
const minuteMs = 60_000;

export function registerLoginRoutes(app: App, { sessions, loginGuard, logger }: Parts): void {
  app.get("/login", (request, reply) => {
    if (findSession(request, sessions) !== undefined) return reply.redirect("/", 303);
    return reply.type(html).send(loginPage());
  });

  app.post<{ Body: Login }>("/login", { schema: { body: Login } }, (request, reply) => {
    const now = Date.now();
    const waitMs = loginGuard.waitMs(request.ip, now);
    if (waitMs > 0) {
      reply.code(429).header("retry-after", String(Math.ceil(waitMs / 1_000)));
      const minutes = Math.ceil(waitMs / minuteMs);
      return reply.type(html).send(loginPage(`Too many wrong passwords. Try again in ${minutes} min.`));
    }
    if (!sessions.isRight(request.body.user, request.body.password)) {
      loginGuard.noteFailure(request.ip, now);
      logger.warn({ address: request.ip }, "a login with a wrong user name or password");
      return reply.code(401).type(html).send(loginPage("The user name or the password is wrong."));
    }
    loginGuard.noteSuccess(request.ip);
    openSession(request, reply, sessions.create(now));
    return reply.redirect("/", 303);
  });

  app.post("/logout", (request, reply) => {
    const session = findSession(request, sessions);
    if (session !== undefined) sessions.end(session);
    closeSession(reply);
    return reply.redirect("/login", 303);
  });
}
