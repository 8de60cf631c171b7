// docker-compose.yml, parsed as Docker parses it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Type } from "typebox";
import { Parse } from "typebox/value";
import { parse } from "yaml";
import { projectFolder } from "../services/services.ts";

const Texts = Type.Array(Type.String());
const Service = Type.Object({
  image: Type.String(),
  build: Type.Optional(Type.Object({ target: Type.String() })),
  profiles: Type.Optional(Texts),
  logging: Type.Object({ driver: Type.String(), options: Type.Record(Type.String(), Type.String()) }),
  user: Type.Optional(Type.String()),
  read_only: Type.Optional(Type.Boolean()),
  cap_drop: Texts,
  security_opt: Texts,
  networks: Texts,
  ports: Type.Optional(Texts),
  environment: Type.Optional(Type.Record(Type.String(), Type.String())),
  volumes: Type.Optional(Texts),
  healthcheck: Type.Optional(Type.Object({ test: Texts })),
  deploy: Type.Object({
    replicas: Type.Optional(Type.Number()),
    resources: Type.Object({ limits: Type.Object({ cpus: Type.String(), memory: Type.String() }) }),
  }),
});
const Network = Type.Object({
  internal: Type.Optional(Type.Boolean()),
  driver_opts: Type.Optional(Type.Record(Type.String(), Type.String())),
});
const ComposeFile = Type.Object({
  services: Type.Record(Type.String(), Service),
  networks: Type.Record(Type.String(), Type.Union([Network, Type.Null()])),
  volumes: Type.Record(Type.String(), Type.Unknown()),
});

export const composeText = readFileSync(join(projectFolder, "docker-compose.yml"), "utf8");
export const compose = Parse(ComposeFile, parse(composeText, { merge: true }));

/** The variables that the file requires. */
export const requiredVariables: readonly string[] = [
  ...new Set([...composeText.matchAll(/(?<!\$)\$\{(\w+):\?/g)].map(([, name = ""]) => name)),
].sort();

/** The settings of a service that the file itself gives, without those that come from `.env`. */
export function settingsOf(service: string): Record<string, string> {
  const given = Object.entries(compose.services[service]?.environment ?? {});
  return Object.fromEntries(given.filter(([, value]) => !value.includes("${")));
}
