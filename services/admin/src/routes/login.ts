// Login and logout.
import type { Logger } from "@onsale/observability/logger";
import { type Static, Type } from "typebox";
import type { LoginGuard } from "../access/login-guard.ts";
import { clearSessionCookie, findSession, type Sessions, setSessionCookie } from "../access/sessions.ts";
import type { App } from "../http/app-type.ts";
import { htmlType, renderPage } from "../http/page.ts";

const Login = Type.Object({
  user: Type.String({ maxLength: 200 }),
  password: Type.String({ maxLength: 1_000 }),
});
type Login = Static<typeof Login>;

const minuteMs = 60_000;

export type LoginRouteParts = Readonly<{ sessions: Sessions; loginGuard: LoginGuard; logger: Logger }>;

export function registerLoginRoutes(app: App, { sessions, loginGuard, logger }: LoginRouteParts): void {
  app.get("/login", (request, reply) => {
    if (findSession(request, sessions) !== undefined) return reply.redirect("/", 303);
    return reply.type(htmlType).send(loginPage());
  });

  app.post<{ Body: Login }>("/login", { schema: { body: Login } }, (request, reply) => {
    const now = Date.now();
    const blockedMs = loginGuard.blockedMs(request.ip, now);
    if (blockedMs > 0) {
      reply.code(429).header("retry-after", String(Math.ceil(blockedMs / 1_000)));
      const minutes = Math.ceil(blockedMs / minuteMs);
      return reply.type(htmlType).send(loginPage(`Too many wrong passwords. Try again in ${minutes} min.`));
    }
    if (!sessions.areCredentialsValid(request.body.user, request.body.password)) {
      loginGuard.noteFailure(request.ip, now);
      logger.warn({ address: request.ip }, "a login with a wrong user name or password");
      return reply.code(401).type(htmlType).send(loginPage("The user name or the password is wrong."));
    }
    loginGuard.noteSuccess(request.ip);
    setSessionCookie(request, reply, sessions.create(now));
    return reply.redirect("/", 303);
  });

  app.post("/logout", (request, reply) => {
    const session = findSession(request, sessions);
    if (session !== undefined) sessions.end(session);
    clearSessionCookie(reply);
    return reply.redirect("/login", 303);
  });
}

/** @param message why the last login failed. It is inserted as it is, so it must hold no text of a request. */
function loginPage(message?: string): string {
  const alert = message === undefined ? "" : `<p class="alert" role="alert">${message}</p>`;
  return renderPage(
    "Log in",
    `<main class="login">
  <form method="post" action="/login" class="card">
    <h1>Onsale</h1>
    <p class="quiet">The sale, live, and its queues.</p>
    ${alert}
    <label for="user">User</label>
    <input id="user" name="user" autocomplete="username" value="admin" required maxlength="200" spellcheck="false">
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1000"
      autofocus>
    <button class="primary">Log in</button>
  </form>
</main>`,
  );
}
