// Preloaded before the examples of packages/client, which import nothing but the client and read ONSALE_URL. Sets it to
// the address of the `npm start` that runs on DATA_DIR.
import { findGateway } from "@onsale/service/running-installation";

if (!process.env.ONSALE_URL) {
  const { url, note } = findGateway(process.env.DATA_DIR || ".data");
  if (note !== undefined) console.error(note);
  process.env.ONSALE_URL = url;
}
