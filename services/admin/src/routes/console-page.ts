import { consolePage } from "../pages/console-page.ts";
import type { App, Parts } from "../parts.ts";

export function registerPageRoutes(app: App, { isReadOnly }: Parts): void {
  const text = consolePage(isReadOnly);
  app.get("/", (_request, reply) => reply.type("text/html; charset=utf-8").send(text));
}
