import { page } from "./page.ts";

/** @param message what was wrong with the last try; one of our own sentences */
export function loginPage(message?: string): string {
  const alert = message === undefined ? "" : `<p class="alert" role="alert">${message}</p>`;
  return page(
    "Log in",
    `<main class="login">
  <form method="post" action="/login" class="card">
    <h1>Onsale</h1>
    <p class="quiet">The sale, live, and its queues.</p>
    ${alert}
    <label for="user">User</label>
    <input id="user" name="user" autocomplete="username" value="admin" required maxlength="200" spellcheck="false">
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1000" autofocus>
    <button class="primary">Log in</button>
  </form>
</main>`,
  );
}
