import { expect, test } from 'vitest'
import type { PhotographRow } from '../../../contract'
import { keepRun, type KeptRun } from './kept-runs'
import { sortRows, type TableRow } from './table-rows'

const size = (median: number | null) => ({ median, low95: null, high95: null, interval: 'range' as const })
const row = (name: string, share: number | null): TableRow => ({
  ...{ key: name, name, eye: null, image: null, state: share === null ? 'waiting' : 'done' },
  row:
    share === null
      ? null
      : ({ shareOfField: size(share), areaPx: size(1000 * share), warnings: [] } as unknown as PhotographRow),
})

test('rows without a value stand last in both directions, and equal ones keep their order', () => {
  const rows = [row('c', null), row('b', 0.2), row('a', 0.1), row('d', 0.2)]
  const names = (descending: boolean): string =>
    sortRows(rows, { by: 'share', descending })
      .map(({ name }) => name)
      .join('')
  expect(names(false)).toBe('abdc')
  expect(names(true)).toBe('bdac')
  expect(sortRows(rows, { by: 'name', descending: true }).map(({ name }) => name)).toEqual([
    'd',
    'c',
    'b',
    'a',
  ])
})

test('what is kept stays below its limit, and the newest always', () => {
  const run = (bytes: number): KeptRun => ({
    request: { target: { kind: 'image', imageId: 'x' }, modelId: 'm', samples: 1, seed: 1 },
    packed: new Blob([new Uint8Array(bytes)]),
  })
  let kept: ReadonlyMap<string, KeptRun> = new Map()
  for (let at = 0; at < 200; at += 1) kept = keepRun(kept, `image-${at}`, run(10), 95)
  expect([...kept.keys()]).toEqual(Array.from({ length: 9 }, (_unused, at) => `image-${191 + at}`))
  kept = keepRun(kept, 'large', run(1000), 95)
  expect([...kept.keys()]).toEqual(['large'])
})
