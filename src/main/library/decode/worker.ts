/** A decode thread: one job after another, those that it was given together answered together. */
import { parentPort } from 'node:worker_threads'
import type { Answer, Job } from './job'
import { performWhenReady } from './perform'

/** What is done is told at least so often: the limit of time is that of one file, and progress is to be seen. */
const ANSWER_MS = 20

/** Buffers that move to the other side instead of being copied. */
function movable(answer: Answer): ArrayBuffer[] {
  const bytes =
    answer.kind === 'slice' || answer.kind === 'bytes' || answer.kind === 'canonical' ? answer.bytes : null
  return bytes === null ? [] : [bytes.buffer]
}

function tell(answers: readonly Answer[]): void {
  if (answers.length > 0) parentPort?.postMessage(answers, answers.flatMap(movable))
}

async function perform(jobs: readonly Job[]): Promise<void> {
  let done: Answer[] = []
  let toldMs = performance.now()
  for (const job of jobs) {
    done.push(await performWhenReady(job))
    if (performance.now() - toldMs < ANSWER_MS) continue
    tell(done)
    done = []
    toldMs = performance.now()
  }
  tell(done)
}

parentPort?.on('message', (jobs: readonly Job[]) => {
  void perform(jobs)
})
