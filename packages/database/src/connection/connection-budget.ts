// How many PostgreSQL connections an installation may open.
/** The processes of an installation, apart from its admin service. */
export type ProcessCounts = Readonly<{
  gateways: number;
  workers: number;
  notifiers: number;
  /** Queues that each worker consumes. */
  partitions: number;
}>;

const perGateway = 22;
const perNotifier = 12;
const ofAdmin = 14;
const perWorker = 11;
const perPartitionOfWorker = 3;

/** How many connections these processes and the admin service open together at most. */
export function countConnections({ gateways, workers, notifiers, partitions }: ProcessCounts): number {
  const ofWorkers = workers * (perWorker + partitions * perPartitionOfWorker);
  return gateways * perGateway + ofWorkers + notifiers * perNotifier + ofAdmin;
}
