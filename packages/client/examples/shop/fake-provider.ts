// A payment provider for the example: it takes no money, and plays the buyers. Like real ones it calls the shop back
// when a payment changes, again and again until the shop answers 2xx, sometimes twice, and in no promised time. The
// callback has only the payment's id, and the shop asks for the payment, so a forged callback does nothing.
import { setTimeout as delay } from "node:timers/promises";
import { type Answer, BadRequest, fetchJson, parseJson, type Received, type RunningServer, serve } from "./http.ts";
import { paymentIdOf } from "./payments.ts";
import { type Behaviour, type Money, type Payment, PaymentRequest, RefundRequest, read } from "./schemas.ts";

type Options = Readonly<{
  port: number;
  /** Where to call the shop back. */
  callbackUrl: () => string;
  /** Resolves when the time to pay for an order is over; a buyer who pays late pays then. */
  untilTooLate: (orderId: string) => Promise<unknown>;
}>;

const retryMinMs = 200;
const retryMaxMs = 5_000;

/** Starts the provider; `POST /payments/{id}/pay` is the buyer who pays now, however late it is. */
export async function startFakeProvider({ port, callbackUrl, untilTooLate }: Options): Promise<RunningServer> {
  const accounts = createAccounts();
  const closing = new AbortController();

  async function callBack(paymentId: string): Promise<void> {
    for (let pauseMs = retryMinMs; ; pauseMs = Math.min(retryMaxMs, 2 * pauseMs)) {
      try {
        await fetchJson("POST", callbackUrl(), { paymentId });
        return;
      } catch {
        await delay(pauseMs, undefined, { signal: closing.signal });
      }
    }
  }

  /** What the buyer does. */
  async function behave({ id, orderId }: Payment, behaviour: Behaviour): Promise<void> {
    if (behaviour === "never") return;
    if (behaviour === "late") await untilTooLate(orderId);
    accounts.change(id, { status: behaviour === "declined" ? "declined" : "paid" });
    await Promise.all(behaviour === "twice" ? [callBack(id), callBack(id)] : [callBack(id)]);
  }

  function start(payment: Payment, behaviour: Behaviour): void {
    void behave(payment, behaviour).catch((error) => closing.signal.aborted || console.error(error));
  }

  function create(body: Uint8Array): Payment {
    const { orderId, price, behaviour } = read(PaymentRequest, parseJson(body));
    const { payment, isNew } = accounts.create(orderId, price);
    if (isNew) start(payment, behaviour);
    return payment;
  }

  async function handle({ method, path: [root, id, action], body }: Received): Promise<Answer> {
    if (root !== "payments") return { status: 404 };
    if (id === undefined) return { status: 200, body: method === "POST" ? create(body) : accounts.all() };
    // 204 says that nobody has begun to pay.
    if (action === "status") return accounts.has(id) ? { status: 200, body: accounts.find(id) } : { status: 204 };
    const payment = accounts.find(id);
    if (action === "refund") {
      return { status: 200, body: accounts.refund(payment, read(RefundRequest, parseJson(body)).keptAmount) };
    }
    if (action === "pay" && payment.status === "open") start(payment, "in-time");
    return { status: 200, body: accounts.find(id) };
  }

  const server = await serve(port, handle);
  return {
    url: server.url,
    close: () => {
      closing.abort();
      server.close();
    },
  };
}

/** The payments, and what was paid back of each. */
function createAccounts() {
  const payments = new Map<string, Payment>();

  function find(id: string): Payment {
    const payment = payments.get(id);
    if (payment === undefined) throw new BadRequest("There is no such payment.");
    return payment;
  }

  function change(id: string, part: Partial<Payment>): Payment {
    const payment = { ...find(id), ...part };
    payments.set(id, payment);
    return payment;
  }

  return {
    all: () => [...payments.values()],
    has: (id: string) => payments.has(id),
    find,
    change,
    /** An order has one payment. */
    create: (orderId: string, price: Money): Readonly<{ payment: Payment; isNew: boolean }> => {
      const id = paymentIdOf(orderId);
      const known = payments.get(id);
      const payment: Payment = known ?? { id, orderId, price, status: "open", refundedAmount: 0 };
      payments.set(id, payment);
      return { payment, isNew: known === undefined };
    },
    /** Pays back all but an amount, unless that much was paid back before. */
    refund: ({ id, price, refundedAmount, status }: Payment, keptAmount: number): Payment => {
      if (status !== "paid") throw new BadRequest("This cannot be paid back.");
      return change(id, { refundedAmount: Math.max(refundedAmount, price.amount - Math.max(0, keptAmount)) });
    },
  };
}
