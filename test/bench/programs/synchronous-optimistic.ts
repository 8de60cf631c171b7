import { createOptimistic } from "../contestants/decide-optimistic.ts";
import { servePurchases } from "../contestants/purchase-app.ts";
import { openStore } from "../contestants/synchronous-store.ts";

const pool = openStore(process.env);
await servePurchases(createOptimistic(pool));
await pool.end();
process.exit(0);
