import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import type { Job } from './job'
import { FILE_LIMIT_MS } from './limits'
import { workerPool } from './pool'

const folder = mkdtempSync(join(tmpdir(), 'margin-pool-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A worker that does what the path of a job says, so that the pool can be tried without real files. */
const workerPath = join(folder, 'worker.mjs')
writeFileSync(
  workerPath,
  `import { parentPort, threadId } from 'node:worker_threads'
parentPort.on('message', (jobs) => {
  const answers = jobs.map(({ path }) => {
    if (path === 'hang') for (;;) {}
    if (path === 'die') throw new Error('out of order')
    return { kind: 'bytes', bytes: new Uint8Array([threadId]) }
  })
  parentPort.postMessage(answers)
})`,
)
const job = (path: string): Job => ({ kind: 'bytes', source: { kind: 'file', file: path }, path })

test('many jobs on few threads are all answered', async () => {
  const pool = workerPool(workerPath, 2)
  const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => pool.run(job(String(index)))))
  await pool.close()
  expect(answers.map((answer) => answer.kind)).toEqual(Array.from({ length: 40 }, () => 'bytes'))
  const threads = new Set(answers.map((answer) => (answer.kind === 'bytes' ? answer.bytes[0] : null)))
  expect(threads.size).toBeLessThanOrEqual(2)
})

test('one thread answers job after job, also when it waited in between', async () => {
  const pool = workerPool(workerPath, 1)
  const kinds = [
    (await pool.run(job('a'))).kind,
    (await pool.run(job('b'))).kind,
    (await pool.run(job('c'))).kind,
  ]
  await pool.close()
  expect(kinds).toEqual(['bytes', 'bytes', 'bytes'])
})

test('a thread that dies costs its job only', async () => {
  const pool = workerPool(workerPath, 1)
  const [died, next] = await Promise.all([pool.run(job('die')), pool.run(job('good'))])
  await pool.close()
  expect(died).toMatchObject({ kind: 'refused', refusal: { code: 'internal', path: 'die' } })
  expect(next.kind).toBe('bytes')
})

test('of files that a thread was given together only the one that took it down is refused', async () => {
  const pool = workerPool(workerPath, 1)
  const look = (path: string): Job => ({ ...job(path), kind: 'inspect' })
  const paths = ['a', 'b', 'c', 'die', 'd', 'e', 'die', 'f']
  const answers = await Promise.all(paths.map((path) => pool.run(look(path))))
  await pool.close()
  expect(answers.map(({ kind }) => kind)).toEqual(paths.map((path) => (path === 'die' ? 'refused' : 'bytes')))
  for (const answer of answers)
    if (answer.kind === 'refused') expect(answer.refusal).toMatchObject({ code: 'internal', path: 'die' })
})

test('a file that takes longer than the limit is refused and its thread replaced', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const pool = workerPool(workerPath, 1)
    const hanging = pool.run(job('hang'))
    const next = pool.run(job('good'))
    vi.advanceTimersByTime(FILE_LIMIT_MS)
    expect(await hanging).toMatchObject({ kind: 'refused', refusal: { code: 'limit-reached', path: 'hang' } })
    expect((await next).kind).toBe('bytes')
    await pool.close()
  } finally {
    vi.useRealTimers()
  }
})

test('closing answers what still waits', async () => {
  const pool = workerPool(workerPath, 1)
  const waiting = [pool.run(job('hang')), pool.run(job('later'))]
  await pool.close()
  for (const answer of await Promise.all(waiting))
    expect(answer).toMatchObject({ refusal: { code: 'cancelled' } })
  expect(await pool.run(job('after'))).toMatchObject({ refusal: { code: 'cancelled' } })
})
