/** What the start command named is scanned once, however early, and by whoever asks first. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SERIES, writeSeries } from '../../../test/fixtures/made-up-ct'
import { createLibrary } from './library'
import { scannedAhead } from './scan-ahead'

const never = new AbortController().signal

async function ahead() {
  const folder = mkdtempSync(join(tmpdir(), 'margin-ahead-'))
  writeSeries(folder, SERIES.seriesUid)
  const library = createLibrary({ workerPath: null })
  const root = await library.addRoot(folder)
  if (!root.ok) throw new Error(root.refusal.reason)
  const clock = { nowMs: 0 }
  const early = scannedAhead(library, [root.value], () => clock.nowMs)
  const scan = (signal = never) => early.scan([root.value], () => undefined, signal)
  return { folder, library, root: root.value, early, scan, clock }
}

test('the first who asks is given the scan that began before; the next gets one of their own', async () => {
  const { folder, root, early, scan } = await ahead()
  expect(early.isScanned(root)).toBe(false)
  const first = await scan()
  expect(first.ok && first.value.filesRead).toBe(4)
  expect(early.isScanned(root)).toBe(true)
  rmSync(join(folder, '4.dcm'))
  const again = await scan()
  expect(again.ok && again.value.series.map(({ slices }) => slices)).toEqual([3])
})

test('what was found long ago is looked for anew, and ending it ends the scan that began before', async () => {
  const late = await ahead()
  await new Promise((passed) => setTimeout(passed, 0))
  while (late.library.current().series.length === 0) await new Promise((passed) => setTimeout(passed, 1))
  await new Promise((passed) => setTimeout(passed, 1))
  rmSync(join(late.folder, '4.dcm'))
  late.clock.nowMs = 3_600_000
  const scanned = await late.scan()
  expect(scanned.ok && scanned.value.series.map(({ slices }) => slices)).toEqual([3])

  const ended = await ahead()
  const stop = new AbortController()
  const asked = ended.scan(stop.signal)
  stop.abort()
  const answer = await asked
  expect(answer.ok ? null : answer.refusal.code).toBe('cancelled')
  expect(ended.library.current().series).toEqual([])
})
