// `npm run shop`: a shop with a page, on the SDK. README.md walks through it.
import { bigShow, createShow, fanCode } from "./show.ts";
import { runShop } from "./start-shop.ts";
import { readOrMakeSecret } from "./storefront/secret.ts";
import { openStorefront } from "./storefront/storefront.ts";

const eventCode = process.env.EVENT ?? bigShow.code;
const opensInSeconds = Number(process.env.OPENS_IN ?? 0);

await runShop({
  eventCode,
  holdSeconds: 300,
  prepare: (client) => createShow(client, { ...bigShow, code: eventCode }, fanCode, opensInSeconds),
  open: (shop, closing) => {
    const secret = process.env.SHOP_SECRET ?? readOrMakeSecret(process.env.DATA_DIR || ".data");
    return openStorefront(shop, secret, closing);
  },
  greet: (url) => `The shop sells ${eventCode} at ${url}; the access code ${fanCode} shows one more ticket type.`,
});
