import { parentPort, workerData } from 'node:worker_threads'
import { writeHere, type WriteJob } from './write-files'

/** The thread that writes one export; its job is its start data. */
parentPort?.postMessage(writeHere(workerData as WriteJob))
