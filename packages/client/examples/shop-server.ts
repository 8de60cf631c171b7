// `npm run shop-server`: the back end of a shop, with a fake payment provider. shop/README.md walks through it.
import { handle } from "./shop/shop.ts";
import { createShow, smallShow } from "./shop/show.ts";
import { runShop } from "./shop/start-shop.ts";

const eventCode = process.env.EVENT ?? smallShow.code;

await runShop({
  eventCode,
  holdSeconds: 30,
  prepare: (client) => createShow(client, { ...smallShow, code: eventCode }),
  open: async (shop) => (received) => handle(shop, received),
  greet: (url, providerUrl) => `The shop sells ${eventCode} at ${url}; the payment provider is at ${providerUrl}.`,
});
