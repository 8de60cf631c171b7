// The events of a run: every kind of sale that Onsale knows, side by side.
import type { CreatedAccessCode } from "@onsale/contracts/access-code";
import type { Purchase } from "@onsale/contracts/order";
import type { Gateway } from "../../demo/gateway.ts";

type Body = Omit<Purchase, "eventCode" | "customerRef">;

type SaleKind = Readonly<{
  count: number;
  /** What `POST /events` gets beside code, name and times. */
  event: object;
  /** Ticket types whose total an operator may change, with the total that they begin with. */
  totals: Readonly<Record<string, number>>;
  /** Limits per customer that an operator may set. */
  limits?: readonly number[];
  /** How many customers there are; undefined when each buyer is another one. */
  customerCount?: number;
  needsCode?: boolean;
  /** Whether it has more tickets than anybody can buy in a run. */
  isPlenty?: boolean;
  /** Whether it is cancelled while it is on sale. */
  isCancelled?: boolean;
  body: (random: () => number) => Body;
}>;

export type SaleEvent = Readonly<{
  code: string;
  kind: SaleKind;
  /** All but the first one may be revoked. */
  accessCodes: readonly SaleCode[];
}>;

type SaleCode = Pick<CreatedAccessCode, "id" | "code">;

const plenty = 1_000_000;
const upTo = (random: () => number, max: number) => 1 + Math.floor(random() * max);
const type = (ticketType: string, total: number, more: object = {}) => ({ ticketType, total, ...more });

/** @param sized a number of tickets or customers, for as many buyers as there are */
const saleKinds = (sized: (ofSmallRun: number) => number): readonly SaleKind[] => [
  {
    count: 4,
    event: { ticketTypes: [type("STANDARD", plenty)] },
    isPlenty: true,
    totals: {},
    body: (random) => ({ ticketType: "STANDARD", quantity: upTo(random, 4) }),
  },
  {
    count: 3,
    event: { ticketTypes: [type("STANDARD", sized(150))] },
    totals: { STANDARD: sized(150) },
    body: (random) => ({ ticketType: "STANDARD", quantity: upTo(random, 4) }),
  },
  {
    count: 4,
    event: { ticketTypes: [type("STANDARD", sized(400))] },
    totals: { STANDARD: sized(400) },
    body: (random) => ({ ticketType: "STANDARD", quantity: upTo(random, 3), holdSeconds: 30 + upTo(random, 30) }),
  },
  {
    count: 3,
    event: { ticketTypes: [type("STANDARD", sized(500)), type("VIP", sized(120)), type("CHILD", sized(300))] },
    totals: { STANDARD: sized(500), VIP: sized(120) },
    body: (random) => ({
      items: ["STANDARD", "VIP", "CHILD"]
        .slice(0, upTo(random, 3))
        .map((ticketType) => ({ ticketType, quantity: upTo(random, 2) })),
      allowPartial: random() < 0.3,
      ...(random() < 0.5 ? { holdSeconds: 30 } : {}),
    }),
  },
  {
    count: 2,
    event: {
      pools: [{ name: "HALL", total: sized(300) }],
      ticketTypes: [type("ADULT", sized(250), { pools: ["HALL"] }), type("CHILD", sized(250), { pools: ["HALL"] })],
    },
    totals: { ADULT: sized(250) },
    body: (random) => ({
      ticketType: random() < 0.6 ? "ADULT" : "CHILD",
      quantity: upTo(random, 3),
      hold: random() < 0.5,
    }),
  },
  {
    count: 2,
    event: { maxPerCustomer: 4, ticketTypes: [type("STANDARD", sized(600))] },
    totals: { STANDARD: sized(600) },
    limits: [2, 3, 4, 5],
    customerCount: sized(150),
    body: (random) => ({ ticketType: "STANDARD", quantity: upTo(random, 2), hold: random() < 0.5 }),
  },
  {
    count: 1,
    event: { ticketTypes: [type("FANCLUB", sized(300), { visibility: "code", maxPerOrder: 4 })] },
    totals: { FANCLUB: sized(300) },
    needsCode: true,
    body: (random) => ({ ticketType: "FANCLUB", quantity: upTo(random, 2) }),
  },
  {
    count: 2,
    event: { offerSeconds: 30, ticketTypes: [type("STANDARD", sized(80))] },
    totals: { STANDARD: sized(80) },
    body: (random) => ({ ticketType: "STANDARD", quantity: upTo(random, 2), waitlist: random() < 0.8, hold: true }),
  },
  {
    count: 2,
    event: { offerSeconds: 30, ticketTypes: [type("STANDARD", sized(200))] },
    totals: {},
    isCancelled: true,
    body: (random) => ({
      ticketType: "STANDARD",
      quantity: upTo(random, 2),
      waitlist: random() < 0.5,
      hold: random() < 0.5,
    }),
  },
];

const times = { startTime: "2035-06-01T19:00:00Z", endTime: "2035-06-01T23:00:00Z" };
const codeUses = [500, ...Array.from({ length: 9 }, () => 40)];
/** The numbers of the kinds are made for so many buyers, or fewer. */
const smallRunBuyers = 7_200;

/** Creates all events; their codes begin with the prefix. With so many buyers they sell out while people buy. */
export async function createSaleEvents(
  gateway: Gateway,
  prefix: string,
  buyerCount: number,
): Promise<readonly SaleEvent[]> {
  const sized = (ofSmallRun: number) => Math.round(ofSmallRun * Math.max(1, buyerCount / smallRunBuyers));
  const events: SaleEvent[] = [];
  for (const kind of saleKinds(sized)) {
    for (let number = 0; number < kind.count; number++) {
      const code = `${prefix}-${events.length + 1}`;
      await gateway.createEvent({ code, name: "Chaos", ...times, ...kind.event });
      events.push({
        code,
        kind,
        accessCodes: kind.needsCode ? await createCodes(gateway, code, codeUses.map(sized)) : [],
      });
    }
  }
  return events;
}

async function createCodes(gateway: Gateway, code: string, uses: readonly number[]): Promise<SaleCode[]> {
  const codes: SaleCode[] = [];
  for (const maxUses of uses) {
    const made = await gateway.createAccessCodes(code, { count: 1, ticketTypes: ["FANCLUB"], maxUses, maxPerOrder: 4 });
    codes.push(...made);
  }
  return codes;
}

/** What a buyer asks for. */
export function purchaseOf({ code, kind, accessCodes }: SaleEvent, index: number, random: () => number): Purchase {
  const { customerCount } = kind;
  const customer = customerCount === undefined ? index : Math.floor(random() * customerCount);
  const accessCode = accessCodes[Math.floor(random() * accessCodes.length)];
  return {
    eventCode: code,
    customerRef: `customer-${customer}`,
    ...kind.body(random),
    ...(accessCode === undefined ? {} : { accessCode: accessCode.code }),
  };
}
