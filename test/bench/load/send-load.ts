// Sends a load over plain sockets: a fixed number of connections, each with one request in flight. It allocates nothing
// per request beyond the needs of the sockets, so that the generator does not limit the measurement.
//
// A load with a rate is measured from when each request was due: one that had to wait for a free connection, because
// the answers to others were late, is as late itself.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createAnswerReader, isAcceptance, type ReadAnswer } from "./answer.ts";
import { Histogram } from "./histogram.ts";
import type { LoadPlan, LoadReport } from "./plan.ts";
import { createRenderer, type RenderRequest } from "./request.ts";

/** The time for the last answers, after the last request. */
const lastAnswersMaxMs = 20_000;
const readBufferBytes = 8_192;
const connectAtOnceMax = 100;
const paceMs = 1;

/** Opens the connections. The load begins when the returned function is called. */
export async function openLoad(plan: LoadPlan): Promise<() => Promise<LoadReport>> {
  const connections: Connection[] = [];
  while (connections.length < plan.connections) {
    const count = Math.min(connectAtOnceMax, plan.connections - connections.length);
    connections.push(...(await Promise.all(Array.from({ length: count }, () => Connection.open(plan)))));
  }
  return () => new Load(plan, connections).run();
}

/** One buyer. Its request is in flight while `dueAt` is set. */
class Connection {
  readonly socket: Socket;
  readonly #render: RenderRequest;
  readonly #read: ReadAnswer = createAnswerReader();
  dueAt: number | undefined;
  onAnswer: (answer: string) => void = () => undefined;
  onFault: (error: unknown) => void = () => undefined;

  private constructor(plan: LoadPlan) {
    this.#render = createRenderer(plan);
    const callback = (length: number, buffer: Uint8Array) => {
      this.#onData(Buffer.from(buffer.buffer, buffer.byteOffset, length));
      return true;
    };
    const onread = { buffer: Buffer.allocUnsafeSlow(readBufferBytes), callback };
    this.socket = connect({ host: "127.0.0.1", port: plan.port, noDelay: true, onread });
  }

  static async open(plan: LoadPlan): Promise<Connection> {
    const connection = new Connection(plan);
    await once(connection.socket, "connect");
    return connection;
  }

  send(requestNumber: number, dueAt: number): void {
    this.dueAt = dueAt;
    this.socket.write(this.#render(requestNumber));
  }

  #onData(chunk: Buffer): void {
    try {
      const answer = this.#read(chunk);
      if (answer !== undefined) this.onAnswer(answer);
    } catch (error) {
      this.onFault(error);
    }
  }
}

class Load {
  readonly #plan: LoadPlan;
  readonly #connections: readonly Connection[];
  readonly #latency = new Histogram();
  readonly #acceptedLatency = new Histogram();
  readonly #answers: Record<string, number> = {};
  readonly #idle: Connection[] = [];
  readonly #report = Promise.withResolvers<LoadReport>();
  readonly #startedAt = performance.now();
  readonly #requestCountMax: number;
  #lastAnswerAt = this.#startedAt;
  #requests = 0;
  #inFlight = 0;
  #lost = 0;
  #broken = 0;

  constructor(plan: LoadPlan, connections: readonly Connection[]) {
    this.#plan = plan;
    this.#connections = connections;
    const { requestCountMax, ratePerSecond, seconds } = plan;
    this.#requestCountMax = Math.min(requestCountMax, Math.ceil((ratePerSecond ?? Number.POSITIVE_INFINITY) * seconds));
  }

  async run(): Promise<LoadReport> {
    const { seconds, ratePerSecond } = this.#plan;
    const pace = ratePerSecond === undefined ? undefined : setInterval(() => this.#sendDue(), paceMs);
    const deadline = setTimeout(() => this.#finish(), seconds * 1_000 + lastAnswersMaxMs);
    for (const connection of this.#connections) {
      connection.onAnswer = (answer) => this.#onAnswer(connection, answer);
      connection.onFault = (error) => this.#report.reject(error);
      connection.socket.on("error", () => undefined);
      connection.socket.once("close", () => this.#onClose(connection));
      this.#next(connection);
    }
    try {
      return await this.#report.promise;
    } finally {
      clearInterval(pace);
      clearTimeout(deadline);
      for (const { socket } of this.#connections) socket.removeAllListeners("close").destroy();
    }
  }

  #mayBegin(now: number): boolean {
    const { ratePerSecond, seconds } = this.#plan;
    const isInTime = ratePerSecond !== undefined || now < this.#startedAt + seconds * 1_000;
    return isInTime && this.#requests < this.#requestCountMax;
  }

  /** When the next request is due; without a rate that is always now. */
  #nextDueAt(now: number): number {
    const { ratePerSecond } = this.#plan;
    return ratePerSecond === undefined ? now : this.#startedAt + (this.#requests / ratePerSecond) * 1_000;
  }

  #next(connection: Connection, now = performance.now()): void {
    if (!this.#mayBegin(now)) this.#finishIfDone();
    else if (this.#nextDueAt(now) <= now) this.#send(connection, now);
    else this.#idle.push(connection);
  }

  #send(connection: Connection, now: number): void {
    const dueAt = this.#nextDueAt(now);
    const requestNumber = this.#plan.offset + this.#requests++ * this.#plan.stride;
    this.#inFlight++;
    connection.send(requestNumber, dueAt);
  }

  #sendDue(): void {
    const now = performance.now();
    if (!this.#mayBegin(now)) this.#finishIfDone();
    else
      while (this.#mayBegin(now) && this.#nextDueAt(now) <= now) {
        // The one that has been idle longest: servers close connections on which nothing comes for a minute.
        const connection = this.#idle.shift();
        if (connection === undefined) return;
        if (!connection.socket.destroyed) this.#send(connection, now);
      }
  }

  #onAnswer(connection: Connection, answer: string): void {
    if (connection.dueAt === undefined) return;
    const now = performance.now();
    const microseconds = (now - connection.dueAt) * 1_000;
    this.#latency.record(microseconds);
    if (isAcceptance(answer)) this.#acceptedLatency.record(microseconds);
    this.#answers[answer] = (this.#answers[answer] ?? 0) + 1;
    connection.dueAt = undefined;
    this.#lastAnswerAt = now;
    this.#inFlight--;
    this.#next(connection, now);
  }

  #onClose(connection: Connection): void {
    this.#broken++;
    if (connection.dueAt !== undefined) {
      connection.dueAt = undefined;
      this.#lost++;
      this.#inFlight--;
    }
    if (this.#broken === this.#connections.length || !this.#mayBegin(performance.now())) this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#inFlight === 0) this.#finish();
  }

  #finish(): void {
    const origin = performance.timeOrigin;
    this.#report.resolve({
      requests: this.#requests,
      answers: this.#answers,
      lost: this.#lost + this.#inFlight,
      firstSentAtMs: origin + this.#startedAt,
      lastAnswerAtMs: origin + this.#lastAnswerAt,
      latency: this.#latency.toData(),
      acceptedLatency: this.#acceptedLatency.toData(),
    });
  }
}
