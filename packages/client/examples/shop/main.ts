// `npm run shop`: a shop with a page, on the SDK. README.md walks through it.

import { readWhole } from "./settings.ts";
import { bigShow, createShow, fanCode } from "./show.ts";
import { runShop } from "./start-shop.ts";
import { readOrMakeSecret } from "./storefront/secret.ts";
import { openStorefront } from "./storefront/storefront.ts";

/** In seconds. */
const aYear = { min: 0, max: 31_536_000 };
const eventCode = process.env.EVENT ?? bigShow.code;

await runShop({
  eventCode,
  holdSeconds: 300,
  prepare: async (client) =>
    createShow(client, { ...bigShow, code: eventCode }, fanCode, readWhole("OPENS_IN", 0, aYear)),
  open: (shop, closing) => {
    const secret = process.env.SHOP_SECRET ?? readOrMakeSecret(process.env.DATA_DIR || ".data");
    return openStorefront(shop, secret, closing);
  },
  greet: (url) => `The shop sells ${eventCode} at ${url}; the access code ${fanCode} shows one more ticket type.`,
});
