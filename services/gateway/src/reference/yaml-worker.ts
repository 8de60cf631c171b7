// A thread that writes the OpenAPI document as YAML: it takes half a second of a core.
import { parentPort, workerData } from "node:worker_threads";
import { stringify } from "yaml";

parentPort?.postMessage(new TextEncoder().encode(stringify(JSON.parse(String(workerData)))));
