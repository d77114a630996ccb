/** NIfTI label maps: nibabel reads what is written where it lies, and what nibabel writes turned is read upright. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { crc32 } from '../../../src/core/files/checksums'
import { gzipFile } from '../../../src/core/files/deflate-runs'
import { type ExchangeReading, wholeMask } from '../../../src/core/exchange/exchange-reading'
import type { SeriesTarget } from '../../../src/core/exchange/image-target'
import { affineOfQuaternion } from '../../../src/core/exchange/nifti/nifti-file'
import { readNiftiReading, verifyNifti, writeNifti } from '../../../src/core/exchange/nifti/nifti-readings'
import { hook, inflate, ORIENTATIONS, seriesOf, structureOf } from '../../fixtures/exchange-source'
import { python, pythonHas } from '../../python'
import { unwrap } from '../../unwrap'

const hasNibabel = pythonHas('nibabel')
const axial = ORIENTATIONS['axial'] ?? { row: [1, 0, 0], column: [0, 1, 0] }
const SHAPE = { orientation: axial, widthPx: 19, heightPx: 14, slices: 5 }

/** Three structures that share no pixel; nothing was drawn of the last. */
function readingOn(target: SeriesTarget): ExchangeReading {
  const { widthPx, heightPx } = target
  const corner = (): Uint8Array => new Uint8Array(widthPx * heightPx).fill(1, 0, 2)
  return {
    reader: 'Reader 1',
    facts: {},
    structures: [
      structureOf(1, 'Nodule 1', target, [0, 1, 4], (slice) => {
        const pixels = hook(widthPx, heightPx, slice)
        pixels.fill(0, 0, 2)
        return pixels
      }),
      structureOf(2, 'Nodule 2', target, [1, 4], corner),
      structureOf(3, 'Nodule 3', target, []),
    ],
  }
}

const onesOf = (reading: ExchangeReading, { widthPx, heightPx }: SeriesTarget) =>
  reading.structures.map(({ slices }) =>
    slices.map((slice) => {
      const whole = wholeMask(slice, widthPx, heightPx)
      return [slice.sliceIndex, ...[...whole.keys()].filter((pixel) => whole[pixel] === 1)]
    }),
  )

/** Label of each voxel, the column fastest. */
function volumeOf(reading: ExchangeReading, { widthPx, heightPx, slices }: SeriesTarget): readonly number[] {
  const volume = Array.from({ length: widthPx * heightPx * slices.length }, () => 0)
  reading.structures.forEach((structure, at) => {
    for (const slice of structure.slices) {
      wholeMask(slice, widthPx, heightPx).forEach((pixel, k) => {
        if (pixel === 1) volume[slice.sliceIndex * widthPx * heightPx + k] = at + 1
      })
    }
  })
  return volume
}

test('what the small deflate makes, zlib unpacks', () => {
  const runs = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 700 })), { maxLength: 12 })
    .map((pairs) => Uint8Array.from(pairs.flatMap(([byte, count]) => Array<number>(count).fill(byte))))
  fc.assert(
    fc.property(runs, (bytes) => {
      expect(new Uint8Array(gunzipSync(gzipFile(bytes)))).toEqual(bytes)
    }),
    { numRuns: 200, seed: 3 },
  )
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
})

test.each(Object.entries(ORIENTATIONS))('%s: pixels and names come back', (_name, orientation) => {
  const target = seriesOf({ ...SHAPE, orientation })
  const reading = readingOn(target)
  const bytes = unwrap(writeNifti(reading, target, inflate))
  const read = unwrap(readNiftiReading(bytes, target, inflate))
  expect(read.reading.reader).toBe('Reader 1')
  expect(read.reading.structures.map(({ label }) => label)).toEqual(['Nodule 1', 'Nodule 2', 'Nodule 3'])
  expect(onesOf(read.reading, target)).toEqual(onesOf(reading, target))
  const [first, ...others] = reading.structures
  const other = { ...reading, structures: [...others, ...(first === undefined ? [] : [first])] }
  expect(verifyNifti(bytes, other, target, inflate)).toMatchObject({ ok: false })
})

test('overlapping structures, uneven steps and places unknown are refused by name', () => {
  const target = seriesOf(SHAPE)
  const twice = { ...readingOn(target) }
  const overlapping = { ...twice, structures: [...twice.structures, ...twice.structures.slice(0, 1)] }
  expect(writeNifti(overlapping, target, inflate)).toMatchObject({
    refusal: { code: 'annotation-unsupported', reason: expect.stringContaining('share pixels') as string },
  })
  expect(writeNifti(twice, { ...target, sliceStepMm: null }, inflate)).toMatchObject({
    refusal: { reason: expect.stringContaining('uneven') as string },
  })
  expect(writeNifti(twice, { ...target, orientation: null }, inflate)).toMatchObject({ ok: false })
})

describe('bad files', () => {
  const target = seriesOf(SHAPE)
  const plain = new Uint8Array(gunzipSync(unwrap(writeNifti(readingOn(target), target, inflate))))
  const changed = (change: (view: DataView) => void): Uint8Array => {
    const bytes = plain.slice()
    change(new DataView(bytes.buffer))
    return bytes
  }
  const float = (at: number, value: number) => (view: DataView) => {
    view.setFloat32(at, value, true)
  }
  const short =
    (...values: readonly (readonly [at: number, value: number])[]) =>
    (view: DataView) => {
      for (const [at, value] of values) view.setInt16(at, value, true)
    }
  const read = (bytes: Uint8Array, onto: SeriesTarget = target) => readNiftiReading(bytes, onto, inflate)

  test('the unchanged file is good, packed or not', () => {
    expect(read(plain).ok).toBe(true)
    expect(read(new Uint8Array(gzipSync(plain))).ok).toBe(true)
  })

  test.each([
    ['a negative dimension', short([42, -5]), 'annotation-damaged'],
    ['no dimension', short([40, 0]), 'annotation-damaged'],
    [
      'gigantic dimensions',
      (v: DataView) => {
        for (const at of [42, 44, 46]) v.setInt16(at, 32767, true)
      },
      'annotation-mismatch',
    ],
    ['time points', short([40, 4], [48, 3]), 'annotation-unsupported'],
    ['an unknown data type', short([70, 128]), 'annotation-unsupported'],
    ['voxels behind the end', float(108, 1e6), 'truncated'],
    ['voxels inside the header', float(108, Number.NaN), 'annotation-damaged'],
    ['no orientation', short([252, 0], [254, 0]), 'annotation-mismatch'],
    ['an affine of no numbers', float(280, Number.NaN), 'annotation-damaged'],
    [
      'an affine of zeros',
      (v: DataView) => {
        for (let k = 280; k < 328; k += 4) v.setFloat32(k, 0, true)
      },
      'annotation-mismatch',
    ],
    [
      'a shift of half a pixel',
      (v: DataView) => {
        v.setFloat32(292, v.getFloat32(292, true) + 0.4, true)
      },
      'annotation-mismatch',
    ],
    [
      'another spacing',
      (v: DataView) => {
        v.setFloat32(280, v.getFloat32(280, true) * 1.05, true)
      },
      'annotation-mismatch',
    ],
    ['a rotation', float(296, 0.1), 'annotation-mismatch'],
    [
      'Analyze',
      (v: DataView) => {
        v.setUint8(345, 0x69)
      },
      'annotation-unsupported',
    ],
  ] as const)('%s is refused', (_name, change, code) => {
    expect(read(changed(change))).toMatchObject({ ok: false, refusal: { code } })
  })

  test('another series size is refused with both sizes', () => {
    const other = seriesOf({ ...SHAPE, slices: 6 })
    expect(read(plain, other)).toMatchObject({
      refusal: { code: 'annotation-mismatch', reason: expect.stringContaining('19 × 14 × 6') as string },
    })
  })

  test('cuts are refused, and a packed file that unfolds too far', () => {
    for (let length = 0; length < plain.length; length += 101)
      expect(read(plain.slice(0, length)).ok).toBe(false)
    const bomb = new Uint8Array(gzipSync(new Uint8Array(20_000_000)))
    expect(read(bomb)).toMatchObject({ ok: false })
  })
})

describe.skipIf(!hasNibabel)('nibabel (skipped where it is not installed)', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'margin-exchange-nifti-'))
  afterAll(() => {
    rmSync(scratch, { recursive: true })
  })
  const cases = Object.entries(ORIENTATIONS).map(([name, orientation]) => {
    const target = seriesOf({ ...SHAPE, orientation })
    const reading = readingOn(target)
    const path = join(scratch, `${name.replace(/\W/g, '-')}.nii.gz`)
    writeFileSync(path, unwrap(writeNifti(reading, target, inflate)))
    return { path, target, reading }
  })

  const Answer = z.array(
    z.object({
      sform: z.array(z.array(z.number())),
      qform: z.array(z.array(z.number())),
      values: z.array(z.number()),
    }),
  )
  const SCRIPT = `
import json, sys, itertools, numpy, nibabel
out = sys.argv[1]
answers = []
for n, path in enumerate(sys.argv[2:]):
    image = nibabel.load(path)
    data = numpy.asarray(image.dataobj)
    answers.append({"sform": image.get_sform(coded=False).tolist(), "qform": image.get_qform(coded=False).tolist(), "values": data.ravel(order="F").astype(int).tolist()})
    if n > 1: continue
    for k, (axes, flips) in enumerate(itertools.product(itertools.permutations(range(3)), itertools.product((1, -1), repeat=3))):
        ornt = numpy.array(list(zip(axes, flips)), float)
        dtype = [numpy.uint8, numpy.int16, numpy.float32, numpy.float64][k % 4]
        turned = nibabel.Nifti1Image(data.astype(dtype), image.affine).as_reoriented(ornt)
        if k % 3 == 0:
            affine = turned.affine.copy()
            turned.set_qform(affine, 1)
            turned.set_sform(None, 0)
        if k % 8 == 5:
            turned = nibabel.Nifti1Image(numpy.asarray(turned.dataobj) * 2, turned.affine)
            turned.header.set_slope_inter(0.5, 0)
        nibabel.save(turned, "%s/turned-%d-%d.nii%s" % (out, n, k, ".gz" if k % 2 else ""))
print(json.dumps(answers))`

  test('voxels lie where DICOM says, in RAS; files turned in all 48 ways come back upright', () => {
    const output = execFileSync(python, ['-c', SCRIPT, scratch, ...cases.map(({ path }) => path)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    Answer.parse(JSON.parse(output)).forEach(({ sform, qform, values }, at) => {
      const entry = cases[at]
      if (entry === undefined) throw new Error('no case')
      const { target, reading } = entry
      expect(values).toEqual(volumeOf(reading, target))
      // The first and another pixel of each slice, by the equation of PS3.3 C.7.6.2.1.1.
      const { row, column } = target.orientation ?? axial
      target.slices.forEach(({ positionMm }, slice) => {
        for (const [c, r] of [
          [0, 0],
          [7, 3],
        ] as const) {
          const lps = [0, 1, 2].map(
            (k) => (positionMm?.[k] ?? 0) + (row[k] ?? 0) * c * 0.65 + (column[k] ?? 0) * r * 0.9,
          )
          const ras = [-(lps[0] ?? 0), -(lps[1] ?? 0), lps[2] ?? 0]
          for (const affine of [sform, qform]) {
            ras.forEach((value, k) => {
              const [a = 0, b = 0, d = 0, e = 0] = affine[k] ?? []
              expect(Math.abs(a * c + b * r + d * slice + e - value)).toBeLessThan(1e-4)
            })
          }
        }
      })
    })
    const turned = readdirSync(scratch).filter((name) => name.startsWith('turned-'))
    expect(turned).toHaveLength(96)
    for (const name of turned) {
      const entry = cases[Number(name.split('-')[1])]
      if (entry === undefined) throw new Error('no case')
      const read = readNiftiReading(new Uint8Array(readFileSync(join(scratch, name))), entry.target, inflate)
      expect(onesOf(unwrap(read).reading, entry.target), name).toEqual(
        onesOf(entry.reading, entry.target).slice(0, 2),
      )
    }
  })
})

test('a quaternion beyond the unit does not scale the millimetres', () => {
  const sizes = [1, 2, 3] as const
  const lengths = (b: number, c: number): readonly number[] =>
    affineOfQuaternion([b, c, 0], 1, sizes, [0, 0, 0]).steps.map((step) => Math.hypot(...step))
  for (const [at, mm] of lengths(0.6 * 1.0005, 0.8 * 1.0005).entries())
    expect(mm).toBeCloseTo(sizes[at] ?? NaN, 9)
  expect(lengths(0.9, 0.9)).toEqual([NaN, NaN, NaN])
})
