/** Files whose names are no UTF-8 open like any other, each under a name of its own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { writeSeries } from '../../../test/fixtures/made-up-ct'
import { createLibrary } from './library'
import { pathOfBytes, systemPath } from './raw-path'

const bytesOf = (path: string): Buffer => Buffer.from(systemPath(path) as string)

test('a path keeps its bytes, whatever they are, and no two are the same', () => {
  const bytes = fc.array(
    fc.constantFrom(0x41, 0x2f, 0x80, 0xc3, 0xa9, 0xe9, 0xed, 0xb2, 0xf0, 0x9f, 0x98, 0xff),
    {
      maxLength: 12,
    },
  )
  fc.assert(
    fc.property(bytes, bytes, (one, other) => {
      const [a, b] = [Buffer.from(one), Buffer.from(other)]
      expect(bytesOf(pathOfBytes(a))).toEqual(a)
      expect(pathOfBytes(a) === pathOfBytes(b)).toBe(a.equals(b))
    }),
    { numRuns: 2000, seed: 281 },
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(pathOfBytes(Buffer.from(name))).toBe(name)
      expect(systemPath(name)).toBe(name)
    }),
    { seed: 282 },
  )
})

// Other systems have no such names.
test.skipIf(process.platform !== 'linux')('a folder of such names is scanned, shown and read', async () => {
  const root = mkdtempSync(join(tmpdir(), 'margin-raw-'))
  const at = (...parts: readonly (string | number)[]): Buffer =>
    Buffer.concat([
      Buffer.from(`${root}/`),
      ...parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))),
    ])
  mkdirSync(at('Br', 0xfc, 'che'))
  writeSeries(join(root, 'plain'), '2.25.101')
  for (const slice of [1, 2, 3, 4])
    writeFileSync(
      at('Br', 0xfc, 'che/Sch', 0xe4, `del ${slice}.dcm`),
      readFileSync(join(root, 'plain', `${slice}.dcm`)),
    )
  rmSync(join(root, 'plain'), { recursive: true })
  const png = (red: number) =>
    sharp({ create: { width: 8, height: 6, channels: 3, background: { r: red, g: 90, b: 90 } } })
      .png()
      .toBuffer()
  writeFileSync(at('M', 0xfc, 'ller_OD.png'), await png(10))
  writeFileSync(at('M', 0xfb, 'ller_OD.png'), await png(20))
  writeFileSync(at('Müller_OD.png'), await png(30))
  writeFileSync(at('M', 0xfc, 'ller_OD_readerA.png'), await png(255))
  const library = createLibrary({ workerPath: null })
  // As a command line gives it: bytes that are no text are replaced.
  const asked = await library.addRoot(root)
  if (!asked.ok) throw new Error(asked.refusal.reason)
  const scanned = await library.scan([root], () => undefined, new AbortController().signal)
  if (!scanned.ok) throw new Error(scanned.refusal.reason)
  const { series, images, annotations, refused } = scanned.value
  expect(refused).toEqual([])
  expect(series).toMatchObject([{ slices: 4 }])
  expect(await library.slicePixels('2.25.101', 2)).toMatchObject({ ok: true })
  expect(images.map(({ name }) => name).sort()).toEqual([
    'M\\xFCller_OD.png',
    'Mûller_OD.png',
    'Müller_OD.png',
  ])
  const reds = await Promise.all(
    images.map(async ({ imageId, name }) => {
      const photograph = await library.photograph(imageId)
      return [name, photograph.ok && photograph.value.bytes[0]]
    }),
  )
  expect(Object.fromEntries(reds)).toEqual({
    'M\\xFCller_OD.png': 10,
    'Mûller_OD.png': 20,
    'Müller_OD.png': 30,
  })
  const escaped = images.find(({ name }) => name.includes('xFC'))
  expect(annotations).toMatchObject([{ kind: 'mask', imageId: escaped?.imageId }])
  const folder = await library.addRoot(join(root, 'Br\ufffdche'))
  expect(folder).toMatchObject({ ok: true })
  await library.close()
  rmSync(root, { recursive: true })
})
