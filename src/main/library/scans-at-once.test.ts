/** Two scans at once, such as a folder that is opened while a PACS sends into it: neither forgets what the other found. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { SERIES, writeSeries } from '../../../test/fixtures/made-up-ct'
import { unwrap } from '../../../test/unwrap'
import { createLibrary } from './library'

/** Until when the walk that begins next is held back at its end, and whether it came there. */
const held = vi.hoisted(() => ({ next: null as Promise<void> | null, isThere: false }))
vi.mock('./walk-folder', async (original) => {
  const real = await original<typeof import('./walk-folder')>()
  const walkFiles: typeof real.walkFiles = async (...args) => {
    const until = held.next
    held.next = null
    const walked = await real.walkFiles(...args)
    held.isThere = true
    await until
    return walked
  }
  return { ...real, walkFiles }
})

test('what came behind the walk of a folder, and was read meanwhile, stays', async () => {
  const [whole, folder] = ['whole', 'folder'].map((name) =>
    mkdtempSync(join(tmpdir(), `margin-${name}-`)),
  ) as [string, string]
  writeSeries(whole, SERIES.seriesUid)
  cpSync(whole, folder, { recursive: true })
  rmSync(join(folder, '4.dcm'))
  const library = createLibrary({ workerPath: null })
  const root = unwrap(await library.addRoot(folder))
  const scan = (path: string) => library.scan([path], () => undefined, new AbortController().signal)
  const slices = (): readonly number[] => library.current().series.map((series) => series.slices)

  let release: () => void = () => undefined
  const until = new Promise<void>((go) => {
    release = go
  })
  held.next = until
  const walking = scan(root)
  await vi.waitFor(() => {
    expect(held.isThere).toBe(true)
  })
  // The walk has listed three files.
  cpSync(join(whole, '4.dcm'), join(folder, '4.dcm'))
  unwrap(await scan(join(root, '4.dcm')))
  release()
  unwrap(await walking)
  expect(slices()).toEqual([4])

  // A scan that begins after it forgets it where it is gone.
  rmSync(join(folder, '4.dcm'))
  unwrap(await scan(root))
  expect(slices()).toEqual([3])
  await library.close()
})
