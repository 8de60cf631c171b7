// Who may import whom; CONTRIBUTING.md says why.
const onlyIn = (name, packages, allowed, also = "") => ({
  name,
  comment: `only ${allowed} imports ${packages.join(" and ")}`,
  severity: "error",
  from: { pathNot: [`^${allowed}/`, "^test/", also].filter(Boolean) },
  to: { path: `node_modules/(${packages.join("|")})/` },
});

const isolated = (packageName, mayImport = []) => ({
  name: `${packageName}-is-independent`,
  comment: `${packageName} imports none of our packages but ${mayImport.join(" and ") || "itself"}`,
  severity: "error",
  from: { path: `^packages/${packageName}/` },
  to: { path: "^(packages|services|test)/", pathNot: `^packages/(${[packageName, ...mayImport].join("|")})/` },
});

/** Which other folders of a service one of its folders may import, beside the files at the root. */
const folderOf = (service, folder, mayImport = []) => ({
  name: `${service}-${folder}`,
  comment: `${folder}/ of ${service} imports no other folder but ${mayImport.join(", ") || "its own"}`,
  severity: "error",
  from: { path: `^services/${service}/src/${folder}/`, pathNot: "\\.test\\.ts$" },
  to: {
    path: `^services/${service}/src/[^/]+/`,
    pathNot: `^services/${service}/src/(${[folder, ...mayImport].join("|")})/`,
  },
});

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    isolated("contracts"),
    isolated("config"),
    isolated("lifecycle"),
    isolated("security", ["contracts"]),
    isolated("domain", ["contracts"]),
    isolated("database", ["contracts", "domain", "lifecycle"]),
    isolated("queue"),
    isolated("observability"),
    isolated("service", ["database", "domain", "lifecycle", "observability", "queue"]),
    isolated("client"),
    folderOf("gateway", "http", ["batching"]),
    folderOf("gateway", "batching"),
    folderOf("gateway", "dispatch", ["batching", "results"]),
    folderOf("gateway", "results", ["batching", "catalogue", "http"]),
    folderOf("gateway", "purchase", ["batching", "catalogue", "http", "results"]),
    folderOf("gateway", "lists", ["http"]),
    folderOf("gateway", "books", ["catalogue", "http", "lists"]),
    folderOf("gateway", "catalogue", ["batching", "http"]),
    folderOf("gateway", "webhooks", ["catalogue", "http", "lists"]),
    folderOf("gateway", "audit", ["results"]),
    folderOf("gateway", "customers"),
    folderOf("gateway", "access", ["batching", "http"]),
    folderOf("notifier", "posting"),
    folderOf("notifier", "serving", ["posting"]),
    folderOf("notifier", "relaying"),
    folderOf("admin", "http"),
    folderOf("admin", "errors", ["http"]),
    folderOf("admin", "access", ["errors", "http"]),
    folderOf("admin", "queues", ["access", "errors", "http"]),
    folderOf("admin", "orders", ["errors"]),
    folderOf("admin", "events", ["errors"]),
    folderOf("admin", "console"),
    {
      name: "admin-browser",
      comment: "browser/ of admin runs in the browser: it shares only the types of the messages with the server",
      severity: "error",
      from: { path: "^services/admin/src/browser/" },
      to: {
        path: "^(packages|services|test)/",
        pathNot: "^services/admin/src/(browser/|console/(event-)?messages\\.ts$)",
      },
    },
    {
      name: "routes-are-registered-by-app",
      comment: "routes are the outermost layer: app.ts alone imports them, and no route imports another",
      severity: "error",
      from: { path: "^services/", pathNot: "^services/[^/]+/src/app\\.ts$" },
      to: { path: "^services/[^/]+/src/routes/" },
    },
    {
      name: "client-imports-nothing",
      comment: "the published client runs in browsers, without dependencies",
      severity: "error",
      from: { path: "^packages/client/src/", pathNot: "\\.test\\.ts$" },
      to: { pathNot: "^packages/client/src/" },
    },
    {
      name: "services-are-independent",
      comment: "services import packages, never one another",
      severity: "error",
      from: {
        path: "^services/([^/]+)/",
        pathNot: "^services/cli/src/(doctor/examine|doctor/check-configuration)\\.ts$",
      },
      to: { path: "^services/", pathNot: "^services/$1/" },
    },
    {
      name: "doctor-reads-settings",
      comment: "onsale doctor reads the settings of every service, and nothing else of them",
      severity: "error",
      from: { path: "^services/cli/" },
      to: { path: "^services/", pathNot: "^services/(cli/|[^/]+/src/config\\.ts$)" },
    },
    {
      name: "tests-are-not-imported",
      severity: "error",
      from: { path: "^(packages|services)/" },
      to: { path: "(^test/|\\.test\\.ts$)" },
    },
    onlyIn("queues", ["bullmq", "ioredis"], "packages/queue"),
    onlyIn("database-clients", ["kysely", "pg"], "packages/database"),
    onlyIn("metrics-and-logs", ["prom-client", "pino"], "packages/observability"),
    onlyIn("http-server", ["fastify", "@fastify/[^/]+"], "services"),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/dist/" },
    tsPreCompilationDeps: true,
    parser: "swc",
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@onsale/source", "node", "import", "default"],
      extensions: [".ts", ".mjs", ".js"],
    },
  },
};
