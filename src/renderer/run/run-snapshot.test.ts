import { describe, expect, it } from 'vitest'
import type { RunLine, RunRequest } from '../../contract'
import { toBase64 } from '../../core/image/base64'
import {
  afterLine,
  afterRefusal,
  asNewest,
  keepNewest,
  newRun,
  runKey,
  type RunSnapshot,
} from './run-snapshot'

const request = (
  more: Partial<Extract<RunRequest['target'], { kind: 'series' }>> = {},
  seed = 1,
): RunRequest => ({
  target: {
    kind: 'series',
    seriesUid: '1.2',
    sliceIndex: 44,
    column: 317.4,
    row: 366.2,
    structureId: 'n1',
    ...more,
  },
  modelId: null,
  samples: 3,
  seed,
})
const started: RunLine = {
  kind: 'started',
  run: {
    runId: 'r',
    model: 'm',
    modelVersion: '1',
    modelSha256: '',
    uncertainty: 'samples',
    device: { used: 'cpu', threads: 2, notUsed: [] },
    samples: 3,
    seed: 1,
    draws: 'even',
    version: '0',
    command: 'margin infer',
  },
  grid: { widthPx: 4, heightPx: 3, originColumn: 0, originRow: 0, columnStep: 1, rowStep: 1 },
  fieldOfView: null,
  warnings: [],
}
const samples = (firstIndex: number, bytes: readonly number[]): RunLine => ({
  kind: 'samples',
  firstIndex,
  count: bytes.length / 2,
  masks: toBase64(Uint8Array.from(bytes)),
  elapsedMs: 5,
})

describe('a run', () => {
  it('is used again exactly where it would give the same samples', () => {
    expect(runKey(request({ column: 317.1 }))).toBe(runKey(request()))
    const others = [
      request({ sliceIndex: 45 }),
      request({ row: 367 }),
      request({}, 2),
      request({ structureId: null }),
    ]
    expect(new Set([request(), ...others].map(runKey)).size).toBe(5)
  })

  it('takes masks by sample index, whatever the chunks', () => {
    const whole = [started, samples(0, [1, 2, 3, 4, 5, 6])].reduce(afterLine, newRun(request(), null))
    const parts = [started, samples(0, [1, 2]), samples(1, [3, 4, 5, 6])].reduce(
      afterLine,
      newRun(request(), null),
    )
    expect(parts.masks.map((mask) => [...mask])).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expect(parts.masks).toEqual(whole.masks)
  })

  it('keeps what had come when it is stopped, and through the next attempt', () => {
    const run = [started, samples(0, [1, 2])].reduce(afterLine, newRun(request(), null))
    const stopped = afterRefusal(run, { code: 'cancelled', reason: 'Stopped.' })
    expect(stopped.phase).toBe('stopped')
    expect(stopped.refusal).toBe(null)
    expect(newRun(request(), stopped).masks).toEqual(run.masks)
    expect(afterRefusal(run, { code: 'device-failed', reason: 'x' }).phase).toBe('failed')
  })

  it('is let go when newer ones need the room, never while it runs', () => {
    const runs = new Map<string, RunSnapshot>()
    for (let slice = 0; slice < 6; slice += 1) {
      const run = newRun(request({ sliceIndex: slice }), null)
      runs.set(run.key, { ...run, phase: slice === 0 ? 'running' : 'done' })
    }
    const keptBeside = (...held: number[]): number[] => {
      const keys = new Set(held.map((sliceIndex) => runKey(request({ sliceIndex }))))
      return [...keepNewest(runs, keys, { ofSeries: 2, ofPhotographs: 2 }).values()].map((run) =>
        run.request.target.kind === 'series' ? run.request.target.sliceIndex : -1,
      )
    }
    expect(keptBeside()).toEqual([0, 4, 5])
    // Those of a lesion that is shown stay, and push out no other.
    expect(keptBeside(1, 5)).toEqual([0, 1, 3, 4, 5])
  })

  it('that is asked for again becomes the newest of its target', () => {
    const [first, second] = [newRun(request({}, 1), null), newRun(request({}, 2), null)]
    const runs = asNewest(asNewest(new Map<string, RunSnapshot>(), first), second)
    expect([...runs.keys()]).toEqual([first.key, second.key])
    expect([...asNewest(runs, first).keys()]).toEqual([second.key, first.key])
  })
})
