import { createPessimistic } from "../contestants/decide-pessimistic.ts";
import { servePurchases } from "../contestants/purchase-app.ts";
import { openStore } from "../contestants/synchronous-store.ts";

const pool = openStore(process.env);
await servePurchases(createPessimistic(pool));
await pool.end();
process.exit(0);
