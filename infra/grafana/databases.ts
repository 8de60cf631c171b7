import { type Dashboard, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { type Board, finish, frame } from "./frame.ts";
import { bars, chart, stat } from "./panels.ts";

const postgres = 'job="stores-postgres"';
const redis = 'job="stores-redis"';
const connections = `sum(pg_stat_database_numbackends{${postgres}}) / max(pg_settings_max_connections{${postgres}})`;

/** The dashboard *Databases*: what the exporters know of PostgreSQL, Redis and their disks. */
export function databasesDashboard(): Dashboard {
  const dashboard = frame("Databases", "PostgreSQL, Redis and their disks, as their exporters see them.");
  addHeadline(dashboard);
  addSessions(dashboard.withRow(new RowBuilder("PostgreSQL: sessions")));
  addStorage(dashboard.withRow(new RowBuilder("PostgreSQL: storage")));
  addRedis(dashboard.withRow(new RowBuilder("Redis")));
  return finish(dashboard);
}

function addHeadline(dashboard: Board): void {
  dashboard
    .withPanel(
      stat({
        title: "Least free disk",
        description: "Share of the fullest disk that is free. Less than 20 % is a ticket, less than 8 % a page.",
        expr: "min(onsale:disk_free:ratio)",
        unit: "percentunit",
        decimals: 0,
        span: 6,
        steps: ["red", [0.08, "yellow"], [0.2, "green"]],
      }),
    )
    .withPanel(
      stat({
        title: "Connections taken",
        description: "Share of max_connections.",
        expr: connections,
        unit: "percentunit",
        decimals: 0,
        span: 6,
        steps: ["green", [0.7, "yellow"], [0.85, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Sessions that wait for locks",
        description: "More than five for two minutes is a ticket.",
        expr: `sum(pg_stat_activity_count{${postgres}, wait_event_type="Lock"}) or vector(0)`,
        decimals: 0,
        span: 6,
        steps: ["green", [6, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Redis memory",
        description: "Share of maxmemory. When it is full, webhooks wait.",
        expr: `max(redis_memory_used_bytes{${redis}} / (redis_memory_max_bytes{${redis}} > 0))`,
        unit: "percentunit",
        decimals: 0,
        span: 6,
        steps: ["green", [0.6, "yellow"], [0.8, "red"]],
        noValue: "no limit",
      }),
    );
}

function addSessions(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Sessions by state",
        description: "Onsale's sessions are idle most of the time: they are pools.",
        span: 8,
        stacked: true,
        queries: [{ expr: `sum by (state) (pg_stat_activity_count{${postgres}}) > 0`, legend: "{{state}}" }],
      }),
    )
    .withPanel(
      chart({
        title: "What active sessions wait for",
        description: "Lock: for other sessions. IO, LWLock: for the disk. Client: for the process that asked.",
        span: 8,
        stacked: true,
        queries: [
          {
            expr: `sum by (wait_event_type) (pg_stat_activity_count{${postgres}, state="active"}) > 0`,
            legend: "{{wait_event_type}}",
          },
        ],
      }),
    )
    .withPanel(
      chart({
        title: "Longest transaction by state",
        description: "One that is idle for more than a minute is a ticket: it keeps its locks.",
        unit: "s",
        span: 8,
        queries: [
          {
            expr: `max by (state) (pg_stat_activity_max_tx_duration{${postgres}, state=~"active|idle in transaction"})`,
            legend: "{{state}}",
          },
        ],
      }),
    )
    .withPanel(
      chart({
        title: "Transactions per second",
        description: "One insert and one decision serve many orders, so these are fewer than orders.",
        unit: "ops",
        span: 12,
        queries: [
          {
            expr: `sum(rate(pg_stat_database_xact_commit{${postgres}}[$__rate_interval]))`,
            legend: "committed",
            color: "green",
          },
          {
            expr: `sum(rate(pg_stat_database_xact_rollback{${postgres}}[$__rate_interval]))`,
            legend: "rolled back",
            color: "orange",
          },
        ],
      }),
    )
    .withPanel(
      chart({
        title: "How far replicas are behind",
        description: "WAL that a replica has not replayed. More than 256 MB for five minutes is a ticket.",
        unit: "bytes",
        span: 12,
        queries: [
          {
            expr: `max by (application_name) (pg_stat_replication_pg_wal_lsn_diff{${postgres}})`,
            legend: "{{application_name}}",
          },
        ],
      }),
    );
}

function addStorage(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Database and WAL",
        description: "The WAL stays near max_wal_size. If it grows beyond twice that, something keeps it.",
        unit: "bytes",
        span: 8,
        queries: [
          { expr: `sum(pg_database_size_bytes{${postgres}})`, legend: "databases", color: "blue" },
          { expr: `sum(pg_wal_size_bytes{${postgres}})`, legend: "WAL", color: "orange" },
        ],
      }),
    )
    .withPanel(
      chart({
        title: "Forced checkpoints",
        description: "In the last ten minutes. More than five are a ticket: max_wal_size is too small.",
        span: 8,
        queries: [
          {
            expr: `sum(increase(pg_stat_checkpointer_num_requested_total{${postgres}}[10m]))`,
            legend: "forced",
            color: "orange",
          },
        ],
      }),
    )
    .withPanel(
      bars({
        title: "Free disk",
        description: "Share of each disk that is free.",
        unit: "percentunit",
        span: 8,
        query: { expr: "min by (volume) (onsale:disk_free:ratio)", legend: "{{volume}}" },
        steps: ["red", [0.08, "yellow"], [0.2, "green"]],
      }),
    );
}

function addRedis(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Memory of Redis",
        description: "Jobs are few and small. Another program in the same Redis shows here.",
        unit: "bytes",
        span: 12,
        queries: [{ expr: `redis_memory_used_bytes{${redis}}`, legend: "{{instance}}" }],
      }),
    )
    .withPanel(
      chart({
        title: "Commands per second",
        description: "Hardly any while a worker serves all partitions.",
        unit: "ops",
        span: 12,
        queries: [{ expr: `rate(redis_commands_processed_total{${redis}}[$__rate_interval])`, legend: "{{instance}}" }],
      }),
    );
}
