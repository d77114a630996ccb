import { parentPort, workerData } from 'node:worker_threads'
import { performArchiveJob } from './archive-job'
import type { ArchiveJob } from './archive-job'

/** The thread that does one act on an archive: what an archive sends costs this thread, not the program. */
const stop = new AbortController()
parentPort?.once('message', () => {
  stop.abort()
})
const result = await performArchiveJob(workerData as ArchiveJob, {
  environment: process.env,
  signal: stop.signal,
  onProgress: (progress) => parentPort?.postMessage({ progress }),
})
parentPort?.postMessage({ result })
