/** The processes of an installation. */
export type ProcessCounts = Readonly<{
  gateways: number;
  workers: number;
  notifiers: number;
  /** Queues that each worker consumes. */
  partitions: number;
}>;

const perGateway = 18;
const perNotifier = 12;
const perWorker = 10;
const perPartitionOfWorker = 3;

/** How many connections these processes may open together, each at its most. */
export function countConnections({ gateways, workers, notifiers, partitions }: ProcessCounts): number {
  return gateways * perGateway + workers * (perWorker + partitions * perPartitionOfWorker) + notifiers * perNotifier;
}
