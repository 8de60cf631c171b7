import { type Dashboard, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { finish, frame } from "./frame.ts";
import { bars, chart, stat } from "./panels.ts";

type Board = ReturnType<typeof frame>;

const ours = '{job=~"onsale-.+"}';
const each = "{{job}} {{instance}}";

/** How much room the processes have left. */
export function saturationDashboard(): Dashboard {
  const dashboard = frame("Saturation", "How much room the processes have left.");
  addHeadline(dashboard);
  addProcessor(dashboard.withRow(new RowBuilder("Processor")));
  addMemory(dashboard.withRow(new RowBuilder("Memory and files")));
  return finish(dashboard);
}

function addHeadline(dashboard: Board): void {
  const running = (service: string, title: string, span: number) =>
    stat({
      title,
      description: `Processes that Prometheus reaches, of the job onsale-${service}.`,
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
        description: "Share of one core. A Node process does its work on one; at 1 it needs a sibling.",
        expr: `max(rate(process_cpu_seconds_total${ours}[$__rate_interval]))`,
        unit: "percentunit",
        decimals: 0,
        span: 6,
        steps: ["green", [0.7, "yellow"], [0.95, "red"]],
      }),
    )
    .withPanel(
      stat({
        title: "Latest event loop",
        description: "How late timers come at worst, P99: what every request of that process waits in addition.",
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
        description: "Cores in use, per process.",
        unit: "percentunit",
        span: 12,
        queries: [{ expr: `rate(process_cpu_seconds_total${ours}[$__rate_interval])`, legend: each }],
      }),
    )
    .withPanel(
      chart({
        title: "Event loop lag, P99",
        description: "Above 0.25 s for two minutes opens a ticket.",
        unit: "s",
        span: 12,
        queries: [{ expr: `nodejs_eventloop_lag_p99_seconds${ours}`, legend: each }],
      }),
    )
    .withPanel(
      chart({
        title: "Time in garbage collection",
        description: "Share of the time, by kind of collection, of the process that spends most.",
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
        description: "Sockets, timers and the like: on a gateway mostly connections.",
        span: 12,
        queries: [{ expr: `nodejs_active_handles_total${ours}`, legend: each }],
      }),
    );
}

function addMemory(dashboard: Board): void {
  dashboard
    .withPanel(
      chart({
        title: "Resident memory",
        description: "What the container's limit is held against.",
        unit: "bytes",
        span: 8,
        queries: [{ expr: `process_resident_memory_bytes${ours}`, legend: each }],
      }),
    )
    .withPanel(
      chart({
        title: "Heap in use",
        description: "A saw-tooth is healthy, a staircase is a leak.",
        unit: "bytes",
        span: 8,
        queries: [{ expr: `nodejs_heap_size_used_bytes${ours}`, legend: each }],
      }),
    )
    .withPanel(
      bars({
        title: "Open files, of those allowed",
        description: "Each connection is one.",
        unit: "percentunit",
        span: 8,
        query: { expr: `process_open_fds${ours} / process_max_fds${ours}`, legend: each },
        steps: ["green", [0.6, "yellow"], [0.85, "red"]],
      }),
    );
}
