import { parentPort, workerData } from 'node:worker_threads'
import { exportZip, type ExportJob } from './export-zip'
import { readHere, type ReadJob } from './read-files'

/** The thread that writes one export or reads one import; its job is its start data. */
const job = workerData as ExportJob | ReadJob
parentPort?.postMessage(job.kind === 'read' ? readHere(job) : exportZip(job))
