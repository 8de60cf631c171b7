// Finds out what processes ask PostgreSQL and Redis for: in each scene, and while they start.
import { strict as assert } from "node:assert";
import { type VictimKind, victimKinds } from "../stack/victim.ts";
import { playScene } from "./play-scene.ts";
import { type SceneName, sceneNames } from "./scenes.ts";
import type { WatchedInstallation } from "./watched-installation.ts";

/** A call of a process. */
export type RecordedCall = Readonly<{
  kind: VictimKind;
  call: string;
  /** It may be made in each of them; they are played while its answer gets lost, until one has it. */
  scenes: readonly SceneName[];
  /** No scene has it, but each start of the process. */
  isAtStart: boolean;
  /** Whether every installation made it there; some calls are made only when two things meet. */
  isCertain: boolean;
}>;

/** Sessions that listen are asked this every 5 s: whether that falls into a scene is chance. */
const heartbeat = 'AS "isReadOnly"';

type Place = Readonly<{ scene: SceneName; isAtStart: boolean }>;
type Sight = Place & Readonly<{ kind: VictimKind; call: string }>;

/** Starts all processes again, plays every scene once, and returns each distinct call. */
export async function recordCalls(installations: readonly WatchedInstallation[]): Promise<readonly RecordedCall[]> {
  const sights = (await Promise.all(installations.map(record))).flat();
  const byCall = Map.groupBy(sights, ({ kind, call }) => `${kind} ${call}`);
  return [...byCall.values()].flatMap((own) => {
    const inScenes = own.filter(({ isAtStart }) => !isAtStart);
    const isAtStart = inScenes.length === 0;
    const places = Map.groupBy(isAtStart ? own : inScenes, ({ scene }) => scene);
    const certain = [...places].filter(([, { length }]) => length === installations.length).map(([scene]) => scene);
    const [first] = own;
    if (first === undefined) return [];
    const { kind, call } = first;
    const isCertain = certain.length > 0 && !call.includes(heartbeat);
    return [{ kind, call, isAtStart, scenes: certain.length > 0 ? certain : [...places.keys()], isCertain }];
  });
}

async function record(installation: WatchedInstallation): Promise<readonly Sight[]> {
  const sights: Sight[] = [];
  const note = (place: Place) => {
    for (const kind of victimKinds) {
      for (const call of installation.wires[kind].takeSeen()) sights.push({ ...place, kind, call });
    }
  };
  const forget = () => {
    for (const kind of victimKinds) installation.wires[kind].takeSeen();
  };
  forget();
  for (const kind of victimKinds) await installation.victims[kind].kill();
  note({ scene: "purchase", isAtStart: true });
  for (const scene of sceneNames) {
    assert.deepEqual(await playScene(installation, scene, async () => forget()), []);
    note({ scene, isAtStart: false });
  }
  return sights;
}
