import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import type { WorkspaceStore } from '../../../src/main/workspace/store'
import { bundle } from '../../bundle'
import { seeded } from '../../seeded'
import { appendingProgram, startAppending } from './appending'
import { newAttempt, newRater, sound } from './suite'

/** On the disk itself, not in memory: what is killed here was writing for real. */
const folder = mkdtempSync(join(tmpdir(), 'margin-kill-'))
let program = ''
let thread = ''

beforeAll(async () => {
  program = await appendingProgram()
  thread = await bundle('src/main/workspace/store-worker.ts', 'store-worker')
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const opened = async (place: string): Promise<WorkspaceStore> =>
  sound(await openWorkspace(place, { clock: () => Date.now() }))

const ROUNDS = 200
/** Rounds on one workspace; the next one begins anew, so that the first acts of a database are killed too. */
const ROUNDS_PER_WORKSPACE = 25
/** Between a kill at once and one amid some dozens of gestures. */
const LONGEST_MS = 90

test(`kill -9, ${ROUNDS} times: every acknowledged gesture is there, in order`, async () => {
  // The moments of the kills are the same in every run.
  const random = seeded(11)
  const counts = { acknowledged: 0, whileOpening: 0, inFlight: 0, keptUnacknowledged: 0 }
  let place = ''
  let attemptId = ''
  let acknowledged = 0
  const begin = async (round: number): Promise<void> => {
    place = join(folder, String(round))
    const store = await opened(place)
    const { raterId } = await newRater(store, 'A')
    attemptId = (await newAttempt(store, raterId)).attemptId
    acknowledged = 0
    await store.close()
  }
  // The next process loads while this one works; it is the next that looks at what the kill left.
  let next = startAppending(program)
  for (let round = 0; round < ROUNDS; round += 1) {
    if (round % ROUNDS_PER_WORKSPACE === 0) await begin(round)
    const appending = next
    await appending.ready
    next = startAppending(program)
    appending.go(place, attemptId, round % 2 === 0 ? 'here' : thread)
    // Most kills are to hit gestures and not the opening: their clock starts with the first gesture.
    const mayHitOpening = random() < 0.1
    while (!mayHitOpening && !appending.lines().some((line) => /^[!\d]/.test(line))) await pause(1)
    await pause(random() * LONGEST_MS)
    appending.child.kill('SIGKILL')
    await appending.ended

    const lines = appending.lines()
    expect(lines.filter((line) => line.startsWith('!'))).toEqual([])
    const found = Number(lines.find((line) => line.startsWith('found'))?.slice(6) ?? NaN)
    counts.whileOpening += Number.isNaN(found) ? 1 : 0
    if (!Number.isNaN(found)) {
      expect(found, `round ${round}`).toBeGreaterThanOrEqual(acknowledged)
      expect(found, `round ${round}`).toBeLessThanOrEqual(acknowledged + 1)
      counts.keptUnacknowledged += found - acknowledged
      acknowledged = found
    }
    const last = Math.max(acknowledged, ...lines.filter((line) => line.startsWith('+')).map(Number))
    counts.acknowledged += last - acknowledged
    acknowledged = last
    counts.inFlight += /^\d/.test(lines.at(-1) ?? '') ? 1 : 0
  }
  next.child.kill('SIGKILL')
  const store = await opened(place)
  expect(sound(await store.attempt(attemptId)).revision).toBeGreaterThanOrEqual(acknowledged)
  expect((await store.check()).ok).toBe(true)
  await store.close()
  process.stdout.write(`${ROUNDS} kills: ${JSON.stringify(counts)}\n`)
  // The kills must have hit what they are about.
  expect(counts.inFlight).toBeGreaterThan(ROUNDS / 4)
  expect(counts.acknowledged).toBeGreaterThan(ROUNDS)
}, 300_000)

test('eight processes write to one workspace at once: nothing lost, nothing reordered within a rater', async () => {
  const place = join(folder, 'many')
  const store = await opened(place)
  const attempts: string[] = []
  for (let writer = 0; writer < 8; writer += 1) {
    const { raterId } = await newRater(store, `Reader ${writer}`)
    attempts.push((await newAttempt(store, raterId)).attemptId)
  }
  await store.close()
  const writers = attempts.map(() => startAppending(program))
  await Promise.all(writers.map(({ ready }) => ready))
  for (const [writer, { go }] of writers.entries())
    go(place, attempts[writer] ?? '', 'here', '125', `${writer}:`)
  await Promise.all(writers.map(({ ended }) => ended))
  expect(writers.flatMap(({ lines }) => lines().filter((line) => line.startsWith('!')))).toEqual([])

  const again = await opened(place)
  for (const [writer, attemptId] of attempts.entries()) {
    const titles = sound(await again.entries(attemptId, 0)).map(({ edit }) => edit.title)
    expect(titles).toEqual(Array.from({ length: 125 }, (_, index) => `${writer}:${index + 1}`))
  }
  expect(sound(await again.verifyAudit())).toMatchObject({ whole: true, entries: 8 * 127 })
  await again.close()
}, 300_000)
