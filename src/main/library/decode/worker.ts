/** A decode thread: one job after another. */
import { parentPort } from 'node:worker_threads'
import type { Answer, Job } from './job'
import { performWhenReady } from './perform'

/** Buffers that move to the other side instead of being copied. */
function movable(answer: Answer): ArrayBuffer[] {
  const bytes =
    answer.kind === 'slice' || answer.kind === 'bytes' || answer.kind === 'canonical' ? answer.bytes : null
  return bytes === null ? [] : [bytes.buffer]
}

parentPort?.on('message', (job: Job) => {
  void performWhenReady(job).then((answer) => {
    parentPort?.postMessage(answer, movable(answer))
  })
})
