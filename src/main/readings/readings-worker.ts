import { parentPort, workerData } from 'node:worker_threads'
import { performJob, type ReadingsJob } from './away'

/** The thread that parses or compares large readings; its job is its start data. */
const [result, moved] = await performJob(workerData as ReadingsJob)
parentPort?.postMessage(result, moved)
