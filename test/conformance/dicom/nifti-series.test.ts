/** NIfTI volumes are series: each voxel at the place and with the value that nibabel gives it, and the right way up. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ScanResult, SeriesDetail } from '../../../src/contract'
import { edgeLetters } from '../../../src/core/geometry/orientation'
import { dot, subtract } from '../../../src/core/geometry/vector'
import { bodyValues } from '../../../src/core/image/display'
import { createLibrary } from '../../../src/main/library/library'
import { python, pythonHas } from '../../python'
import { unwrap } from '../../unwrap'

const scratch = mkdtempSync(join(tmpdir(), 'margin-nifti-'))
afterAll(() => {
  rmSync(scratch, { recursive: true })
})

async function opened(folder: string) {
  const library = createLibrary({ workerPath: null })
  const root = unwrap(await library.addRoot(folder))
  const found = unwrap(await library.scan([root], () => undefined, new AbortController().signal))
  return { library, found }
}

const Told = z.record(
  z.string(),
  z.array(z.object({ ras: z.tuple([z.number(), z.number(), z.number()]), value: z.number() })),
)

describe.skipIf(!pythonHas('nibabel'))('volumes that nibabel writes', () => {
  const folder = join(scratch, 'volumes')
  let told: z.infer<typeof Told>
  let library: ReturnType<typeof createLibrary>
  let found: ScanResult
  beforeAll(async () => {
    mkdirSync(folder)
    const script = join(import.meta.dirname, 'nifti-series.py')
    told = Told.parse(JSON.parse(execFileSync(python, [script, folder], { encoding: 'utf8' })))
    ;({ library, found } = await opened(folder))
  })
  afterAll(async () => {
    await library.close()
  })
  const detailOf = (name: string): SeriesDetail => {
    const summary = found.series.find(({ description }) => description === name)
    if (summary === undefined) throw new Error(name)
    return unwrap(library.seriesDetail(summary.seriesUid))
  }

  async function valueAt(detail: SeriesDetail, ras: readonly [number, number, number]): Promise<number> {
    const { orientation, slices, summary } = detail
    const { spacingMm, seriesUid, columns } = summary
    if (orientation === null || spacingMm === null) throw new Error('no place')
    const normalMm = slices.map(({ positionMm }) => {
      const beside = subtract([-ras[0], -ras[1], ras[2]], positionMm ?? [0, 0, 0])
      return {
        column: dot(beside, orientation.row) / spacingMm.column,
        row: dot(beside, orientation.column) / spacingMm.row,
        off: Math.hypot(...beside) ** 2,
        beside,
      }
    })
    const planes = normalMm.map(({ column, row, beside }) => {
      const inPlane = [0, 1, 2].map(
        (k) =>
          (orientation.row[k] ?? 0) * column * spacingMm.column +
          (orientation.column[k] ?? 0) * row * spacingMm.row,
      )
      return Math.hypot(...beside.map((part, k) => part - (inPlane[k] ?? 0)))
    })
    const index = planes.indexOf(Math.min(...planes))
    expect(planes[index]).toBeLessThan(1e-3)
    const { column = NaN, row = NaN } = normalMm[index] ?? {}
    expect([column - Math.round(column), row - Math.round(row)].every((off) => Math.abs(off) < 1e-3)).toBe(
      true,
    )
    const { description, bytes } = unwrap(await library.slicePixels(seriesUid, index))
    expect(description.unit).toBe('')
    const stored = bodyValues(description, bytes)[Math.round(row) * columns + Math.round(column)] ?? NaN
    return stored * description.slope + description.intercept
  }

  test('hold each value where nibabel has it: 48 orientations, ten types, both byte orders, both versions', async () => {
    expect(found.refused).toEqual([])
    expect(found.series).toHaveLength(Object.keys(told).length)
    for (const [name, probes] of Object.entries(told)) {
      const detail = detailOf(name)
      for (const { ras, value } of probes) {
        const own = await valueAt(detail, ras)
        expect(Math.abs(own - value), `${name} ${ras.join(' ')}`).toBeLessThanOrEqual(
          1e-6 * Math.abs(value) + 1e-9,
        )
      }
    }
  })

  test('stand the right way up, whatever way they were stored', () => {
    for (const name of Object.keys(told).filter((one) => one.startsWith('turned'))) {
      const { orientation, summary } = detailOf(name)
      if (orientation === null) throw new Error(name)
      const { left, top } = edgeLetters(orientation)
      const across = name.split('.')[0]?.at(-1) ?? ''
      expect([left, top], name).toEqual(
        'SI'.includes(across) ? ['R', 'A'] : 'AP'.includes(across) ? ['R', 'S'] : ['A', 'S'],
      )
      expect(summary.spacingMm?.slice, name).toBeCloseTo(
        'SI'.includes(across) ? 2.5 : 'AP'.includes(across) ? 0.9 : 0.7,
        4,
      )
      expect(summary.modality).toBe('NIfTI')
    }
  })

  test('say what is not known, left out or odd', () => {
    const codes = (name: string) => detailOf(name).summary.warnings.map(({ code }) => code)
    expect(codes('type-i2-le.nii')).toEqual(['modality-unstated'])
    expect(codes('four.nii.gz')).toContain('volumes-left')
    expect(codes('leaning.nii')).toContain('gantry-tilt')
    const windows = (name: string) => detailOf(name).windows.map(({ label }) => label)
    expect(windows('type-i2-le.nii')).toEqual(['soft tissue, if HU', 'lung, if HU'])
    expect(windows('type-u2-le.nii')).toEqual([])
  })

  test('are the same series wherever the file lies, and another one where a voxel differs', async () => {
    const bytes = readFileSync(join(folder, 'type-i2-le.nii'))
    const elsewhere = join(scratch, 'elsewhere')
    mkdirSync(elsewhere)
    writeFileSync(join(elsewhere, 'renamed'), bytes)
    const changed = Buffer.from(bytes)
    changed.writeInt16LE(77, changed.length - 2)
    writeFileSync(join(elsewhere, 'changed.nii'), changed)
    const again = await opened(elsewhere)
    const uids = again.found.series.map(({ description, seriesUid }) => [description, seriesUid])
    expect(new Map(uids as [string, string][]).get('renamed')).toBe(
      detailOf('type-i2-le.nii').summary.seriesUid,
    )
    expect(new Set(uids.map(([, uid]) => uid)).size).toBe(2)
    await again.library.close()
  })
})

/** A NIfTI-1 file by hand: little endian, one plane after another. */
function nifti(
  sizes: readonly number[],
  dataType: number,
  voxels: Uint8Array,
  more: (header: DataView) => void = () => undefined,
): Buffer {
  const file = Buffer.alloc(352 + voxels.length)
  const view = new DataView(file.buffer, file.byteOffset)
  view.setInt32(0, 348, true)
  view.setInt16(40, sizes.length, true)
  sizes.forEach((size, k) => {
    view.setInt16(42 + 2 * k, size, true)
  })
  for (let k = 1; k <= 7; k += 1) view.setFloat32(76 + 4 * k, 1, true)
  view.setInt16(70, dataType, true)
  view.setFloat32(108, 352, true)
  view.setUint8(123, 2)
  view.setInt16(254, 1, true)
  for (const [at, value] of [
    [280, 1],
    [300, 1],
    [320, 1],
  ] as const)
    view.setFloat32(at, value, true)
  file.write('n+1\0', 344, 'latin1')
  file.set(voxels, 352)
  more(view)
  return file
}
const noise = (count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, at) => (at * 7919 + (at >> 3) * 31) % 251)

test('bad files are refused by name, in time and without growing', async () => {
  const folder = join(scratch, 'bad')
  mkdirSync(folder)
  const put = (name: string, bytes: Uint8Array): void => {
    writeFileSync(join(folder, name), bytes)
  }
  const whole = nifti([8, 6, 4], 2, noise(192))
  put('cut.nii', whole.subarray(0, 500))
  put('cut.nii.gz', gzipSync(whole).subarray(0, 150))
  put('lying.nii', nifti([32767, 32767, 32767], 16, noise(64)))
  put('lying.nii.gz', gzipSync(nifti([32767, 32767, 32767], 16, noise(64))))
  put('bomb.nii.gz', gzipSync(Buffer.concat([whole, Buffer.alloc(64 * 1024 * 1024)])))
  put('negative.nii', nifti([8, -6, 4], 2, noise(192)))
  put('complex.nii', nifti([4, 4, 2], 32, noise(256)))
  put(
    'sheared.nii',
    nifti([8, 6, 4], 2, noise(192), (view) => {
      view.setFloat32(284, 0.7, true)
    }),
  )
  put('pair.hdr', Buffer.from(nifti([8, 6, 4], 2, noise(0)).fill('ni1\0', 344, 348, 'latin1')))
  put(
    'start.nii',
    nifti([8, 6, 4], 2, noise(192), (view) => {
      view.setFloat32(108, Infinity, true)
    }),
  )
  const { library, found } = await opened(folder)
  expect(found.series).toEqual([])
  const named = found.refused.map(({ path, code }) => [path?.split('/').at(-1) ?? '', code] as const)
  expect(named.sort(([a], [b]) => (a < b ? -1 : 1))).toEqual([
    ['bomb.nii.gz', 'limit-reached'],
    ['complex.nii', 'pixel-format-unsupported'],
    ['cut.nii', 'truncated'],
    ['cut.nii.gz', 'truncated'],
    ['lying.nii', 'pixels-too-large'],
    ['lying.nii.gz', 'pixels-too-large'],
    ['negative.nii', 'structure-damaged'],
    ['pair.hdr', 'pixel-format-unsupported'],
    ['sheared.nii', 'pixel-format-unsupported'],
    ['start.nii', 'structure-damaged'],
  ])
  await library.close()
})

test('what somebody drew is no picture; what cannot be placed has no millimetres between slices and no letters', async () => {
  const folder = join(scratch, 'kinds')
  mkdirSync(folder)
  const put = (name: string, bytes: Uint8Array): void => {
    writeFileSync(join(folder, name), bytes)
  }
  const labels = new Uint8Array(20 * 20 * 4)
  for (let at = 0; at < labels.length; at += 1)
    if (at % 20 > 5 && at % 20 < 14) labels[at] = at % 400 < 200 ? 1 : 3
  put('labels.nii.gz', gzipSync(nifti([20, 20, 4], 2, labels)))
  put('nothing.nii', nifti([20, 20, 4], 2, new Uint8Array(1600)))
  const shares = new Float32Array(1600)
  for (let at = 0; at < 1600; at += 1) shares[at] = at % 20 === 6 ? 0.4 : at % 20 > 6 && at % 20 < 14 ? 1 : 0
  put('shares.nii', nifti([20, 20, 4], 16, new Uint8Array(shares.buffer)))
  const unplaced = (view: DataView): void => {
    view.setInt16(254, 0, true)
  }
  put('unplaced.nii', nifti([20, 20, 4], 2, noise(1600), unplaced))
  put('colour.nii', nifti([8, 6, 4], 128, noise(576)))
  const twofold = (view: DataView): void => {
    view.setInt16(252, 1, true)
    view.setFloat32(76, 1, true)
    view.setFloat32(260, 1, true)
  }
  put('twofold.nii', nifti([20, 20, 5], 2, noise(2000), twofold))
  const { library, found } = await opened(folder)
  expect(found.refused).toEqual([])
  expect(found.annotations.map(({ path, kind }) => [path.split('/').at(-1), kind])).toEqual([
    ['labels.nii.gz', 'document'],
    ['nothing.nii', 'document'],
    ['shares.nii', 'document'],
  ])
  const byName = new Map(found.series.map((summary) => [summary.description, summary]))
  expect([...byName.keys()].sort()).toEqual(['colour.nii', 'twofold.nii', 'unplaced.nii'])
  const codes = (name: string) => byName.get(name)?.warnings.map(({ code }) => code)
  expect(codes('unplaced.nii')).toContain('orientation-missing')
  expect(codes('twofold.nii')).toContain('orientation-doubted')
  const detail = unwrap(library.seriesDetail(byName.get('unplaced.nii')?.seriesUid ?? ''))
  expect([detail.orientation, detail.summary.spacingMm?.slice]).toEqual([null, null])
  const { description } = unwrap(await library.slicePixels(byName.get('colour.nii')?.seriesUid ?? '', 3))
  expect([description.type, description.widthPx]).toEqual(['rgb8', 8])
  await library.close()
})
