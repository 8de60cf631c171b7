import { type Dashboard, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { type Board, finish, frame } from "./frame.ts";
import { bars, chart, stat } from "./panels.ts";

const ours = '{job=~"onsale-.+"}';
const each = "{{job}} {{instance}}";

/** The dashboard *Saturation*: how much of their resources the processes use. */
export function saturationDashboard(): Dashboard {
  const dashboard = frame("Saturation", "How much of their resources the processes use.");
  addHeadline(dashboard);
  addProcessor(dashboard.withRow(new RowBuilder("Processor")));
  addMemory(dashboard.withRow(new RowBuilder("Memory and files")));
  return finish(dashboard);
}

function addHeadline(dashboard: Board): void {
  const running = (service: string, title: string, span: number) =>
    stat({
      title,
      description: `Processes of the job onsale-${service} that Prometheus reaches.`,
      expr: `sum(up{job="onsale-${service}"}) or vector(0)`,
      decimals: 0,
      span,
      steps: ["red", [1, "green"]],
    });
  dashboard
    .withPanel(running("gateway", "Gateways", 4))
    .withPanel(running("worker", "Workers", 4))
    .withPanel(running("notifier", "Notifiers", 4))
    .withPanel(
      stat({
        title: "Busiest process",
        description: "Share of one core. A Node process works on one core; near 1 the service needs another process.",
        expr: `max(rate(process_cpu_seconds_total${ours}[$__rate_interval]))`,
        unit: "percentunit",
        decimals: 0,
        span: 6,
        steps: ["green", [0.7, "yellow"], [0.95, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Event loop lag, worst P99",
        description: "How late timers fire in the slowest process. Each of its requests waits this much longer.",
        expr: `max(nodejs_eventloop_lag_p99_seconds${ours})`,
        unit: "s",
        span: 6,
        steps: ["green", [0.1, "yellow"], [0.25, "red"]],
      }),
    );
}

function addProcessor(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Processor time",
        description: "Cores in use per process.",
        unit: "percentunit",
        span: 12,
        queries: [{ expr: `rate(process_cpu_seconds_total${ours}[$__rate_interval])`, legend: each }],
      }),
    )
    .withPanel(
      chart({
        title: "Event loop lag, P99",
        description: "More than 0.25 s for two minutes is a ticket.",
        unit: "s",
        span: 12,
        queries: [{ expr: `nodejs_eventloop_lag_p99_seconds${ours}`, legend: each }],
      }),
    )
    .withPanel(
      chart({
        title: "Time in garbage collection",
        description: "Share of the time by kind of collection, in the process that spends most.",
        unit: "percentunit",
        span: 12,
        queries: [
          {
            expr: `max by (kind) (rate(nodejs_gc_duration_seconds_sum${ours}[$__rate_interval]))`,
            legend: "{{kind}}",
          },
        ],
      }),
    )
    .withPanel(
      chart({
        title: "Open handles",
        description: "Sockets, timers and others. On a gateway most are connections.",
        span: 12,
        queries: [{ expr: `nodejs_active_handles_total${ours}`, legend: each }],
      }),
    )
    .withPanel(
      chart({
        title: "Requests and streams that wait",
        description: "They take wait slots. A gateway without a free slot makes nobody wait: it answers at once.",
        span: 12,
        queries: [{ expr: "wait_slots_taken", legend: "{{instance}} {{kind}}" }],
      }),
    )
    .withPanel(
      bars({
        title: "Wait slots, share that is taken",
        description: "Add gateways, or raise WAITERS_MAX together with their memory.",
        unit: "percentunit",
        span: 12,
        query: {
          expr: "sum by (instance) (wait_slots_taken) / max by (instance) (wait_slots)",
          legend: "{{instance}}",
        },
        steps: ["green", [0.6, "yellow"], [0.85, "red"]],
      }),
    );
}

function addMemory(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Resident memory",
        description: "The container's memory limit applies to this.",
        unit: "bytes",
        span: 8,
        queries: [{ expr: `process_resident_memory_bytes${ours}`, legend: each }],
      }),
    )
    .withPanel(
      chart({
        title: "Heap in use",
        description: "It should fall after each garbage collection. A value that only rises is a memory leak.",
        unit: "bytes",
        span: 8,
        queries: [{ expr: `nodejs_heap_size_used_bytes${ours}`, legend: each }],
      }),
    )
    .withPanel(
      bars({
        title: "Open files, share of the limit",
        description: "Each connection is one open file.",
        unit: "percentunit",
        span: 8,
        query: { expr: `process_open_fds${ours} / process_max_fds${ours}`, legend: each },
        steps: ["green", [0.6, "yellow"], [0.85, "red"]],
      }),
    );
}
