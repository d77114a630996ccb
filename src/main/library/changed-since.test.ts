/** A file that another one took the place of is not shown under the header that was read before. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { SERIES, writeSeries } from '../../../test/fixtures/made-up-ct'
import { createLibrary } from './library'

const folder = mkdtempSync(join(tmpdir(), 'margin-changed-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

test('a slice whose file has changed is refused by name until its folder is scanned again', async () => {
  writeSeries(folder, SERIES.seriesUid)
  const library = createLibrary({ workerPath: null })
  const root = await library.addRoot(folder)
  if (!root.ok) throw new Error(root.refusal.reason)
  const scan = () => library.scan([root.value], () => undefined, new AbortController().signal)
  await scan()
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.dcm'))) {
    const path = join(folder, name)
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(2)]))
  }
  const seen = await library.slicePixels(SERIES.seriesUid, 1)
  expect(seen).toMatchObject({ ok: false, refusal: { reason: 'The file has changed since it was listed.' } })
  expect(seen.ok ? '' : seen.refusal.path).toMatch(/\.dcm$/)
  await scan()
  expect((await library.slicePixels(SERIES.seriesUid, 1)).ok).toBe(true)
  await library.close()
})
