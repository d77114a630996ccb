import { parentPort, workerData } from 'node:worker_threads'
import { readLidcHere, type LidcJob } from './read-beside'

/** The thread that reads one file beside a series; its job is its start data. */
parentPort?.postMessage(readLidcHere(workerData as LidcJob))
