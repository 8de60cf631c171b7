/** An error response with a message for the user. Bull Board reads `statusCode` too. */
export class HttpError extends Error {
  readonly statusCode: 400 | 401 | 403 | 404 | 409 | 415 | 429 | 503;

  constructor(statusCode: HttpError["statusCode"], message: string) {
    super(message);
    this.name = "HttpError";
    this.statusCode = statusCode;
  }
}
