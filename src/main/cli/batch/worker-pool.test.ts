import { expect, test } from 'vitest'
import type { BatchTask, Refusal } from '../../../contract'
import { MOST_TRIES, type StartBatchWorker, type WorkerEars, workThrough } from './worker-pool'

const item = (itemId: string): BatchTask => ({
  ...{ itemId, words: [], cwd: '/', files: [], out: '/out', version: '1' },
  model: { id: 'given', modality: 'CT', sha256: '0'.repeat(64) },
  fingerprint: '0'.repeat(64),
})

interface Ended {
  readonly ended: Map<string, Refusal | null>
  readonly lost: string[]
  readonly started: number
  readonly mostAtOnce: number
  readonly reason: string
}

/** `does` says what a worker does with an item: answers it, dies of it, or says nothing any more. */
async function through(
  names: readonly string[],
  workers: number,
  does: (itemId: string, time: number) => 'done' | 'refused' | 'dies' | 'hangs',
): Promise<Ended> {
  const ended = new Map<string, Refusal | null>()
  const lost: string[] = []
  const times = new Map<string, number>()
  let [started, atOnce, mostAtOnce] = [0, 0, 0]
  const start: StartBatchWorker = (ears: WorkerEars) => {
    started += 1
    return {
      send: ({ itemId }) => {
        const time = (times.get(itemId) ?? 0) + 1
        times.set(itemId, time)
        atOnce += 1
        mostAtOnce = Math.max(mostAtOnce, atOnce)
        setImmediate(() => {
          const done = does(itemId, time)
          if (done !== 'hangs') atOnce -= 1
          if (done === 'done') ears.onAnswer({ kind: 'done', itemId })
          if (done === 'refused')
            ears.onAnswer({ kind: 'refused', itemId, refusal: { code: 'not-found', reason: 'given' } })
          if (done === 'dies') ears.onEnd('signal SIGKILL')
        })
      },
      end: () => undefined,
      kill: () => {
        atOnce -= 1
        ears.onEnd('signal SIGKILL')
      },
    }
  }
  const worked = await workThrough(names.map(item), {
    ...{ start, workers, signal: new AbortController().signal, silentMs: 30 },
    onEnded: ({ itemId }, refusal) => {
      if (ended.has(itemId)) throw new Error(`${itemId} ended twice`)
      ended.set(itemId, refusal)
    },
    onLost: ({ itemId }) => lost.push(itemId),
  })
  return { ended, lost, started, mostAtOnce, reason: worked.ok ? '' : worked.refusal.reason }
}

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

test('every item ends once, never more of them at once than there are workers', async () => {
  const all = await through(NAMES, 3, (name) => (name === 'c' ? 'refused' : 'done'))
  expect([...all.ended.keys()].sort()).toEqual(NAMES)
  expect(all.ended.get('c')?.reason).toBe('given')
  expect(all).toMatchObject({ lost: [], started: 3, mostAtOnce: 3, reason: '' })
})

test('a worker that dies or hangs costs nothing but time', async () => {
  const all = await through(NAMES, 2, (name, time) =>
    time > 1 ? 'done' : name === 'b' ? 'dies' : name === 'e' ? 'hangs' : 'done',
  )
  expect([...all.ended.values()]).toEqual(NAMES.map(() => null))
  expect(all.lost.sort()).toEqual(['b', 'e'])
  expect(all.started).toBeGreaterThan(2)
})

test('an item that ends its worker each time has failed by name, and the others are done', async () => {
  const all = await through(NAMES, 2, (name) => (name === 'd' ? 'dies' : 'done'))
  expect(all.ended.get('d')?.reason).toContain(`ended ${MOST_TRIES} times`)
  expect([...all.ended].filter(([, refusal]) => refusal === null).map(([name]) => name)).toEqual(
    expect.arrayContaining(NAMES.filter((name) => name !== 'd')),
  )
  expect(all.reason).toBe('')
})

test('where no worker lives the batch ends with words instead of trying for ever', async () => {
  const many = Array.from({ length: 100 }, (_unused, at) => `item-${at}`)
  const all = await through(many, 1, () => 'dies')
  expect(all.reason).toMatch(/12 workers ended one after another .* SIGKILL/)
  expect(all.started).toBe(12)
})
