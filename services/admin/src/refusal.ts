/** A request that cannot be served, with words for the person who made it. */
export class Refusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 429 | 503;

  constructor(status: Refusal["status"], message: string) {
    super(message);
    this.name = "Refusal";
    this.status = status;
  }
}
