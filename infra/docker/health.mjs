// Exits with 0 when the service of this container is ready, otherwise with 1: node infra/docker/health.mjs PORT
const response = await fetch(`http://127.0.0.1:${process.argv[2]}/readyz`, {
  signal: AbortSignal.timeout(2_500),
}).catch(() => undefined);
process.exit(response?.ok ? 0 : 1);
