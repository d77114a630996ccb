import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { test } from 'vitest'

/** Nanoseconds that the calling thread was on a processor (Linux, Documentation/scheduler/sched-stats). */
const SCHEDSTAT = '/proc/thread-self/schedstat'

function ownNanoseconds(): number | null {
  try {
    return Number(readFileSync(SCHEDSTAT, 'utf8').split(' ')[0])
  } catch {
    return null
  }
}

/**
 * A test that times turns. A processor that two virtual machines share runs the same work two or three times slower for a
 * moment (20 ms became 54 once in a hundred runs): only what is too long three times in a row is too long.
 */
export function timedTest(name: string, work: () => Promise<void>): void {
  test(name, { retry: 2, timeout: 240_000 }, work)
}

/** A timer is one of those others: work that lets them have their turn lets it, too. */
const LOOK_MS = 2

/**
 * The longest stretch, in milliseconds, for which this thread computed without letting others have their turn while the
 * work went on. Counted is the thread's own time on the processor: on a busy computer a thread also waits while others
 * run, which is nothing that it does. Where the system does not say (other than Linux), the delay of the event loop.
 */
export async function longestTurnMs(work: () => Promise<unknown>): Promise<number> {
  if (ownNanoseconds() === null) return longestDelayMs(work)
  let longest = 0
  let last = ownNanoseconds() ?? 0
  const look = (): void => {
    const now = ownNanoseconds() ?? last
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(look, LOOK_MS)
  try {
    await work()
    await new Promise((next) => setTimeout(next, 5 * LOOK_MS))
  } finally {
    clearInterval(timer)
  }
  return longest / 1e6
}

async function longestDelayMs(work: () => Promise<unknown>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  await work()
  await new Promise((next) => setTimeout(next, 20))
  delay.disable()
  return delay.max / 1e6
}
