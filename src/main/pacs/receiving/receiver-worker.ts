import { parentPort, workerData } from 'node:worker_threads'
import { listen } from './listen'
import type { ReceivingJob } from './listen'

/** The thread that receives: what is sent here costs this thread, not the program. */
const listening = await listen(workerData as ReceivingJob, (said) => parentPort?.postMessage(said))
parentPort?.once('message', () => {
  void listening.close().then(() => {
    parentPort?.close()
  })
})
