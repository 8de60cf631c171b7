/** An amount of money in the currency's minor unit; `currency` is a code of ISO 4217. */
export type Money = Readonly<{ amount: number; currency: string }>;
