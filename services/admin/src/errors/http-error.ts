/** A request that cannot be served, with words for the person who made it. Bull Board reads `statusCode` as well. */
export class Refusal extends Error {
  readonly statusCode: 400 | 401 | 403 | 404 | 409 | 429 | 503;

  constructor(statusCode: Refusal["statusCode"], message: string) {
    super(message);
    this.name = "Refusal";
    this.statusCode = statusCode;
  }
}
