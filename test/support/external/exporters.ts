// The exporters of PostgreSQL, Redis and disks: what they serve, and how a test starts one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { findFreePort } from "@onsale/standalone/free-port";
import { atEnd } from "../cleanup.ts";
import { cleanEnvironment } from "../config.ts";
import { untilTrue } from "../until.ts";

const activity = ["datname", "state", "usename", "application_name", "backend_type", "wait_event_type", "wait_event"];
/** `volume` is made by the rule that reads these. */
const volume = ["volume"];

/** The metrics that rules and dashboards may read, with their labels, in the versions of docker-compose.yml. */
export const exporterMetrics: Readonly<Record<string, readonly string[]>> = {
  // https://github.com/prometheus-community/postgres_exporter, v0.19.1
  pg_up: [],
  pg_settings_max_connections: [],
  pg_settings_max_wal_size_bytes: [],
  pg_stat_database_numbackends: ["datid", "datname"],
  pg_stat_database_xact_commit: ["datid", "datname"],
  pg_stat_database_xact_rollback: ["datid", "datname"],
  pg_stat_database_blks_hit: ["datid", "datname"],
  pg_stat_database_blks_read: ["datid", "datname"],
  pg_database_size_bytes: ["datname"],
  pg_stat_activity_count: activity,
  pg_stat_activity_max_tx_duration: activity,
  pg_stat_replication_pg_wal_lsn_diff: ["application_name", "client_addr", "state", "slot_name"],
  // Of PostgreSQL 17 and later, and of earlier versions.
  pg_stat_checkpointer_num_requested_total: [],
  pg_stat_bgwriter_checkpoints_req_total: [],
  pg_wal_size_bytes: [],
  pg_database_wraparound_age_datfrozenxid_seconds: ["datname"],
  pg_database_wraparound_age_datminmxid_seconds: ["datname"],
  // https://github.com/oliver006/redis_exporter, v1.80.2
  redis_up: [],
  redis_memory_used_bytes: [],
  redis_memory_max_bytes: [],
  redis_evicted_keys_total: [],
  redis_rejected_connections_total: [],
  redis_connected_clients: [],
  redis_config_maxclients: [],
  redis_commands_processed_total: [],
  // https://github.com/prometheus/node_exporter, v1.9.1
  node_filesystem_avail_bytes: ["device", "fstype", "mountpoint", ...volume],
  node_filesystem_size_bytes: ["device", "fstype", "mountpoint", ...volume],
  // Of a kubelet.
  kubelet_volume_stats_available_bytes: ["namespace", "persistentvolumeclaim", ...volume],
  kubelet_volume_stats_capacity_bytes: ["namespace", "persistentvolumeclaim", ...volume],
  // Of Alertmanager.
  alertmanager_notifications_failed_total: ["integration", "reason"],
};

/** Starts an exporter of Debian's packages, and returns the URL of its metrics; it is ended as cleanup.ts says. */
export async function startExporter(program: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const address = `127.0.0.1:${await findFreePort()}`;
  const env = { ...cleanEnvironment(), ...environment };
  const exporter = spawn(program, [`--web.listen-address=${address}`], { stdio: "ignore", env });
  const exited = once(exporter, "exit");
  atEnd(async () => {
    exporter.kill("SIGKILL");
    await exited;
  });
  const url = `http://${address}/metrics`;
  await untilTrue(`${program} answers`, async () => (await fetch(url)).ok);
  return url;
}
