import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { accept, refuse } from '../../../src/contract'
import type { Job, JobState, Result } from '../../../src/contract'
import { createJobFiles } from '../../../src/main/training/job-files'
import { createJobs } from '../../../src/main/training/jobs'
import type { Jobs, JobsOptions } from '../../../src/main/training/jobs'
import { startByWords } from '../../../src/main/training/worker'

/** The queue against a worker that behaves, misbehaves, dies and stays silent: each ends in a state with words. */

const root = mkdtempSync(join(tmpdir(), 'margin-jobs-'))
const script = join(root, 'worker.mjs')
/** What the worker does hangs on the seed that it is told: no other word of the message is free. */
const does = { whole: 1, garbage: 2, dies: 3, diesOnce: 4, fails: 5, waits: 6 } as const
writeFileSync(
  script,
  `import { createInterface } from 'node:readline'
import { existsSync, mkdirSync, writeFileSync, appendFileSync } from 'node:fs'
import { join } from 'node:path'
const say = (message) => process.stdout.write(JSON.stringify(message) + '\\n')
const hash = 'b'.repeat(64)
const done = () => { say({ type: 'done', package: 'made-t1', sha256: hash, steps: 2, seconds: 1, peakMemoryBytes: 1, notes: ['fitted'] }) }
const progress = (step) => say({ type: 'progress', phase: 'Train', step, steps: 2, refit: { number: 1, of: 1 }, loss: 1 / (step + 1), validation: null, learningRate: 0.1, secondsLeft: 1 })
let step = 0
const read = createInterface({ input: process.stdin })
read.on('close', () => process.exit(0))
read.on('line', (line) => {
  const asked = JSON.parse(line)
  if (asked.type === 'pause') return say({ type: 'paused', step })
  if (asked.type === 'resume') return say({ type: 'resumed', step })
  if (asked.type === 'cancel') { say({ type: 'cancelled', step }); return }
  mkdirSync(asked.folder, { recursive: true })
  appendFileSync(join(asked.folder, 'starts'), 'x')
  say({ type: 'hello', protocol: 1, trainer: '0', python: '3', torch: '2', device: 'cpu', pid: process.pid })
  const once = join(asked.folder, 'died')
  if (asked.seed === ${does.garbage}) { process.stdout.write('Epoch 1: NaN\\n'); return }
  if (asked.seed === ${does.dies}) { process.stderr.write('out of luck'); process.exit(3) }
  if (asked.seed === ${does.diesOnce} && !existsSync(once)) { writeFileSync(once, ''); process.kill(process.pid, 'SIGKILL') }
  if (asked.seed === ${does.fails}) return say({ type: 'failed', reason: 'The set is empty.', nextStep: 'Read more.' })
  progress(step = 1)
  if (asked.seed === ${does.waits}) return
  progress(step = 2)
  done()
})
`,
)

const open: Jobs[] = []
let places = 0
function queue(
  folder = join(root, String((places += 1))),
  more: Partial<JobsOptions> = {},
  pid = process.pid,
): Jobs {
  const files = createJobFiles(folder, pid)
  const jobs = createJobs({
    files,
    findWorker: () => Promise.resolve(accept(startByWords([process.execPath, script], root, {}))),
    openingOf: (job) =>
      Promise.resolve(
        accept({
          ...{ type: 'start', protocol: 1, jobId: job.jobId, set: 'set', parent: 'parent', seed: job.seed },
          ...{
            folder: files.folderOf(job.jobId),
            method: job.method,
            candidate: { id: 'made-t1', version: '1.1.0' },
          },
          limits: { steps: job.steps, seconds: null, memoryBytes: null, threads: 1 },
        }),
      ),
    onDone: (job, { notes }) => Promise.resolve(accept({ ...job, state: 'trained', notes })),
    onGated: (job) => Promise.resolve(accept({ ...job, state: 'judged' })),
    clock: () => Date.now(),
    nowMs: () => performance.now(),
    ...more,
  })
  open.push(jobs)
  return jobs
}

afterAll(async () => {
  await Promise.all(open.map((one) => one.close()))
  rmSync(root, { recursive: true, force: true })
})

const newJob = (number: number, seed: number): Job => ({
  ...{
    jobId: `job-${number}`,
    number,
    set: { setId: 'set-1', name: 'Set' },
    method: 'heads',
    seed,
    steps: 2,
  },
  parent: { id: 'parent', version: '1.0.0', sha256: 'a'.repeat(64) },
  ...{ seconds: null, state: 'queued', waitsFor: 'train', madeAt: new Date(0).toISOString(), endedAt: null },
  ...{ restarts: 0, refusal: null, candidate: null, gate: null, notes: [] },
})

const sound = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.refusal.reason)
  return result.value
}

async function until(jobs: Jobs, jobId: string, state: JobState): Promise<Job> {
  for (;;) {
    const { job } = sound(await jobs.detail(jobId))
    if (job.state === state) return job
    await wait(20)
  }
}

test('jobs run one after another, the oldest first, and keep what their worker said', async () => {
  const jobs = queue()
  sound(await jobs.add(newJob(1, does.whole)))
  const second = sound(await jobs.add(newJob(2, does.whole)))
  expect(second.state).toBe('queued')
  expect(await until(jobs, 'job-2', 'trained')).toMatchObject({ notes: ['fitted'], restarts: 0 })
  const { lines } = sound(await jobs.detail('job-1'))
  expect(lines.map(({ line }) => line.type)).toEqual(['hello', 'progress', 'progress', 'done'])
  const [first, next] = await Promise.all(['job-1', 'job-2'].map((jobId) => jobs.detail(jobId)))
  expect(sound(first ?? refuse('internal', '')).job.endedAt ?? '').not.toBe('')
  expect(sound(next ?? refuse('internal', '')).lines[0]?.at ?? '').not.toBe('')
})

test.each([
  ['says what is no message', does.garbage, /does not understand: Epoch 1: NaN/],
  ['says that it failed', does.fails, /The set is empty/],
  ['dies whenever it is started', does.dies, /ended 4 times.*exit code 3: out of luck/],
])('a worker that %s', async (_what, seed, reason) => {
  const jobs = queue()
  sound(await jobs.add(newJob(1, seed)))
  const { refusal } = await until(jobs, 'job-1', 'failed')
  expect(refusal?.reason).toMatch(reason)
  expect(refusal?.next).not.toBe('')
})

test('a worker that is killed is started again', async () => {
  const jobs = queue()
  sound(await jobs.add(newJob(1, does.diesOnce)))
  expect(await until(jobs, 'job-1', 'trained')).toMatchObject({ restarts: 1 })
})

test('pausing, resuming and cancelling reach the worker', async () => {
  const jobs = queue()
  sound(await jobs.add(newJob(1, does.waits)))
  for (const [act, state] of [
    ['pause', 'paused'],
    ['resume', 'training'],
    ['cancel', 'cancelled'],
  ] as const) {
    sound(await jobs.act('job-1', act))
    await until(jobs, 'job-1', state)
  }
  const again = await jobs.act('job-1', 'pause')
  expect(again.ok ? '' : again.refusal.reason).toMatch(/is cancelled/)
})

test('what was under way when the program ended goes on in the next one, and nobody trains beside it', async () => {
  const folder = join(root, 'left')
  const before = queue(folder)
  sound(await before.add(newJob(1, does.waits)))
  await until(before, 'job-1', 'training')
  // Another process: this one is alive.
  const beside = queue(folder, {}, process.pid + 1_000_000)
  const refused = await beside.add(newJob(2, does.whole))
  expect(refused.ok ? '' : refused.refusal.reason).toMatch(/Another Margin/)
  await before.close()
  expect(JSON.parse(readFileSync(join(folder, 'job-1', 'job.json'), 'utf8'))).toMatchObject({
    state: 'training',
  })
  const after = queue(folder)
  await after.resume()
  await until(after, 'job-1', 'training')
  while (readFileSync(join(folder, 'job-1', 'starts'), 'utf8') !== 'xx') await wait(20)
  expect(existsSync(join(folder, 'holder.json'))).toBe(true)
})

test('a job that may not start says why, and the next one does', async () => {
  const jobs = queue(undefined, {
    findWorker: () => Promise.resolve(refuse('not-found', 'No Python was found.', { next: 'Install it.' })),
  })
  expect(sound(await jobs.add(newJob(1, does.whole)))).toMatchObject({
    state: 'failed',
    refusal: { reason: 'No Python was found.', next: 'Install it.' },
  })
})
