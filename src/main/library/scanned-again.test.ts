/** A folder that is scanned again is as it is now: nothing of what it was before is shown or listed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { writeCtImage } from '../../core/dicom/write/ct-image'
import { SERIES, SIZE_PX, writeSeries } from '../../../test/fixtures/made-up-ct'
import { createLibrary } from './library'

test('a file that changed, in size or not, and one that was deleted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-again-'))
  writeSeries(folder, SERIES.seriesUid)
  const photograph = (red: number, side: number): Promise<Buffer> =>
    sharp({ create: { width: side, height: side, channels: 3, background: { r: red, g: 90, b: 90 } } })
      .png()
      .toBuffer()
  writeFileSync(join(folder, 'eye.png'), await photograph(50, 20))
  const library = createLibrary({ workerPath: null })
  const root = await library.addRoot(folder)
  if (!root.ok) throw new Error(root.refusal.reason)
  const scan = () => library.scan([root.value], () => undefined, new AbortController().signal)
  const shown = async () => {
    const scanned = await scan()
    if (!scanned.ok) throw new Error(scanned.refusal.reason)
    const { series, images, refused } = scanned.value
    const slice = await library.slicePixels(SERIES.seriesUid, 1)
    const picture = await library.photograph(images[0]?.imageId ?? '')
    return {
      slices: series.map(({ slices, rows, columns }) => [slices, rows, columns]),
      refused: refused.length,
      stored: slice.ok
        ? [slice.value.description.widthPx, slice.value.description.minStored]
        : slice.refusal.code,
      photograph: picture.ok
        ? [picture.value.description.widthPx, picture.value.bytes[0]]
        : picture.refusal.code,
    }
  }
  const before = await shown()
  expect(before).toMatchObject({ slices: [[4, SIZE_PX, SIZE_PX]], refused: 0, photograph: [20, 50] })
  // Other values in files of the very same size, and another size of the photograph.
  for (let slice = 0; slice < 4; slice += 1) {
    const path = join(folder, `${4 - slice}.dcm`)
    const bytes = writeCtImage(SERIES, {
      ...{ sopInstanceUid: `2.25.103.${slice}`, instanceNumber: 4 - slice, positionMm: [0, 0, slice * 2] },
      valuesHu: new Int16Array(SIZE_PX ** 2).fill(77),
    })
    expect(bytes.length).toBe(readFileSync(path).length)
    writeFileSync(path, bytes)
  }
  writeFileSync(join(folder, 'eye.png'), await photograph(150, 30))
  const after = await shown()
  expect(after).toMatchObject({ slices: [[4, SIZE_PX, SIZE_PX]], photograph: [30, 150] })
  expect(after.stored).not.toEqual(before.stored)
  rmSync(join(folder, '4.dcm'))
  rmSync(join(folder, 'eye.png'))
  const last = await shown()
  expect(last).toMatchObject({ slices: [[3, SIZE_PX, SIZE_PX]], photograph: 'not-found' })
  await library.close()
})

test('a root that was never scanned is known, whatever else was opened meanwhile', async () => {
  const [named, other] = ['named', 'other'].map((name) => mkdtempSync(join(tmpdir(), `margin-${name}-`)))
  const library = createLibrary({ workerPath: null })
  const roots: string[] = []
  for (const path of [named, other]) {
    const root = await library.addRoot(path ?? '')
    if (root.ok) roots.push(root.value)
  }
  const scanned = (): readonly boolean[] => roots.map(library.isScanned)
  const scan = (paths: readonly string[], signal = new AbortController().signal) =>
    library.scan(paths, () => undefined, signal)
  expect(scanned()).toEqual([false, false])
  await scan(roots.slice(1))
  await scan(roots, AbortSignal.abort())
  expect(scanned()).toEqual([false, true])
  await scan(roots)
  expect(scanned()).toEqual([true, true])
  await library.close()
})
