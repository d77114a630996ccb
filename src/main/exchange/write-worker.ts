import { parentPort, workerData } from 'node:worker_threads'
import { readHere, type ReadJob } from './read-files'
import { writeHere, type WriteJob } from './write-files'

/** The thread that writes one export or reads one import; its job is its start data. */
const job = workerData as WriteJob | ReadJob
parentPort?.postMessage('kind' in job ? readHere(job) : writeHere(job))
