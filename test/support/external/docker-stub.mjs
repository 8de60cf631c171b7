// A stand-in for `docker`, for update.sh: it keeps containers in a file, and writes what it was asked into a log.
// STATE is the file; BROKEN a service whose new containers never become ready.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";

const { STATE = "", BROKEN } = process.env;
const state = JSON.parse(readFileSync(STATE, "utf8"));
const [command, ...rest] = process.argv.slice(2);
const last = rest.at(-1);
const find = (id) => state.containers.find((container) => container.id === id);
const of = (service) => state.containers.filter((container) => container.service === service);
const log = (line) => appendFileSync(`${STATE}.log`, `${line}\n`);

if (command === "compose" && rest[0] === "build") log("build");
else if (command === "compose" && rest[0] === "ps")
  process.stdout.write(
    of(last)
      .map(({ id }) => `${id}\n`)
      .join(""),
  );
else if (command === "compose" && rest[0] === "up") {
  const [, count] = /=(\d+)$/.exec(rest[rest.indexOf("--scale") + 1] ?? "") ?? [];
  if (count === undefined) log(`recreate ${last}`);
  else if (!rest.includes("--no-deps") || !rest.includes("--no-recreate")) throw new Error(rest.join(" "));
  while (of(last).length < Number(count ?? 0)) {
    const id = `${last}-new-${++state.created}`;
    state.containers.push({ id, service: last, healthy: last !== BROKEN });
    log(`start ${id}`);
  }
} else if (command === "inspect" && rest.join().includes("Health"))
  console.log(find(last).healthy ? "healthy" : "starting");
else if (command === "inspect") console.log(find(last).healthy ? 0 : 5);
else if (command === "logs") console.log("the database cannot be reached");
else if (command === "stop" || command === "rm") {
  const { service } = find(last);
  if (command === "rm") state.containers = state.containers.filter(({ id }) => id !== last);
  else find(last).healthy = false;
  log(`${command} ${last}, ${of(service).filter(({ healthy }) => healthy).length} ready`);
} else throw new Error(process.argv.join(" "));
writeFileSync(STATE, JSON.stringify(state));
