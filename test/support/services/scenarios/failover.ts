// A sale through a failover to a synchronous standby.
import { startReplicatedPostgres } from "../../database/servers/replicated-postgres.ts";
import { createApi } from "../../http/api.ts";
import { untilTrue } from "../../until.ts";
import type { Backend } from "../backends.ts";
import { untilAllDecided } from "../installation.ts";
import { type Service, startGateway, startWorker } from "../services.ts";
import { assertKept, startBuyers } from "./buyers.ts";

const recoveryMaxMs = 20_000;

/**
 * Sells while the primary crashes, or becomes read-only and keeps its sessions. Fails unless nothing that was accepted
 * is lost, buyers get no other answers than 503 meanwhile, and sales go on by themselves.
 *
 * @param by what DATABASE_URL names: an address that leads to the primary, or both hosts
 */
export async function sellThroughFailover(
  backend: Backend,
  how: "crash" | "demote",
  by: "address" | "hosts",
): Promise<void> {
  const { primaryUrl, hostsUrl, primary, demote, promote } = await startReplicatedPostgres();
  const environment = { ...(await backend.start()), DATABASE_URL: by === "hosts" ? hostsUrl : primaryUrl };
  const services = await Promise.all([startGateway(environment), startWorker(environment)]);
  const api = createApi(services[0].url);
  const eventCode = await api.createEvent({ STANDARD: 1_000_000 });
  const buyers = startBuyers(api, eventCode);
  await untilTrue("tickets are sold", () => buyers.accepted.size > 100);
  const readyCount = async () => (await Promise.all(services.map(isReady))).filter(Boolean).length;

  if (how === "crash") await primary.crash();
  else await demote();
  await untilTrue("nobody is ready", async () => (await readyCount()) === 0, recoveryMaxMs);
  await untilTrue("a purchase meets the failover", () => buyers.statuses.has(503), recoveryMaxMs);
  const soldBefore = buyers.accepted.size;
  await promote();
  await untilTrue("tickets are sold again", () => buyers.accepted.size > soldBefore + 20, recoveryMaxMs);
  await untilTrue("all are ready", async () => (await readyCount()) === services.length, recoveryMaxMs);

  // Without notifications orders are looked up every 5 s, so one such purchase may be in luck, but not three.
  const isAnswered = async () => {
    for (let number = 0; number < 3; number++) {
      if ((await api.purchase({ eventCode, waitSeconds: 3 })).status !== 200) return false;
    }
    return true;
  };
  await untilTrue("buyers are told of decisions", isAnswered, recoveryMaxMs);
  await buyers.stop();
  await untilAllDecided(api, eventCode, recoveryMaxMs);
  await assertKept(buyers, api, eventCode);
}

async function isReady({ url }: Service): Promise<boolean> {
  return (await fetch(`${url}/readyz`)).status === 200;
}
