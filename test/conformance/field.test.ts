/**
 * Cases from the field: small files in which other programs were silently wrong (data/field/README.md). Each is run as
 * its `repro.sh` runs it and must give what its `expected.json` says is right.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { zipSync } from 'fflate'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import {
  fieldMissing,
  type FieldCase,
  openCase,
  openFolder,
  pixelsPerLabelAndSlice,
} from '../fixtures/field-case'

/** Each case starts processes, and processes start slowly on a busy computer. */
vi.setConfig({ testTimeout: 120_000 })

const Right = z.record(z.string(), z.unknown())
const right = ({ expected }: FieldCase): z.infer<typeof Right> => Right.parse(expected['right'])

describe.skipIf(fieldMissing !== null)(`cases from the field (skipped: ${fieldMissing ?? ''})`, () => {
  test.each([
    ['04-nifti-scaled-mask', 'labels.nii.gz', 'nifti'],
    ['06-nifti-two-gzip-members', 'labels.nii.gz', 'nifti'],
    ['11-seg-many-sources', 'seg.dcm', 'seg'],
    ['12-seg-frames-padded', 'seg.dcm', 'seg'],
    ['34-right-shared-segment-number', 'seg.dcm', 'seg'],
  ])('%s: the pixels of each label on each slice', async (name, file, format) => {
    const one = openCase(name)
    const { masks } = await one.masks(join(one.folder, 'ct'), join(one.folder, file), format)
    const { pixelsPerLabelAndSlice: wanted } = right(one)
    expect(pixelsPerLabelAndSlice(masks)).toEqual(wanted)
    const { rows, columns } = right(one)
    for (const mask of masks) {
      if (rows !== undefined) expect(mask.rows).toEqual(rows)
      if (columns !== undefined) expect(mask.columns).toEqual(columns)
    }
  })

  test.each(['01-palette-mask', '03-red-mask'])('%s: what is not the background is marked', async (name) => {
    const one = openCase(name)
    const { masks } = await one.masks(join(one.folder, 'img'), join(one.folder, 'mask.png'), 'png')
    const { pixels, rows, columns } = right(one)
    expect(masks).toMatchObject([{ pixels, rows, columns }])
  })

  test('07-coco-parts-in-parts: parts are united', async () => {
    for (const [file, pixels] of Object.entries(right(openCase('07-coco-parts-in-parts')))) {
      const one = openCase('07-coco-parts-in-parts')
      const { masks } = await one.masks(join(one.folder, 'img'), join(one.folder, file), 'coco')
      expect(masks.map((mask) => mask.pixels)).toEqual([pixels])
    }
  })

  test('08-coco-two-point-part: the rest is read, and what was left out is said', async () => {
    const one = openCase('08-coco-two-point-part')
    const { masks, brought } = await one.masks(join(one.folder, 'img'), join(one.folder, 'a.json'), 'coco')
    expect(masks.map(({ pixels }) => pixels)).toEqual([right(one)['pixels']])
    expect(brought.out).toContain('parts-left-out')
  })

  test('09-rtstruct-finer-planes: a plane is a plane', async () => {
    const one = openCase('09-rtstruct-finer-planes')
    const { masks } = await one.masks(join(one.folder, 'ct'), join(one.folder, 'rs.dcm'), 'rtstruct')
    const { pixelsPerSlice } = right(one)
    expect(Object.values(pixelsPerLabelAndSlice(masks))).toEqual([pixelsPerSlice])
  })

  test('13-un-holds-explicit: the pixels behind the private sequence', async () => {
    const one = openCase('13-un-holds-explicit')
    const { scan, series } = await openFolder(join(one.folder, 'ct'))
    expect(scan.refused).toEqual([])
    const wanted = right(one)
    expect(series.map(({ detail }) => detail.slices.length)).toEqual([wanted['slices']])
    expect(await series[0]?.valuesAt(3, 5)).toEqual(wanted['huAtRow3Column5'])
  })

  test('15-one-shared-position: one volume, the place that is held twice is named', async () => {
    const one = openCase('15-one-shared-position')
    const { series } = await openFolder(join(one.folder, 'ct'))
    expect(series).toHaveLength(Number(right(one)['series']))
    const slices = series[0]?.detail.slices ?? []
    expect(slices).toHaveLength(11)
    expect(slices.at(-1)?.alongNormalMm).toBe(right(one)['spanMm'])
    expect(series[0]?.detail.summary.warnings).toMatchObject([
      { code: 'positions-repeated', text: expect.stringContaining('Slices 5 and 6') as string },
    ])
  })

  test('17-two-kernels: two stacks', async () => {
    const one = openCase('17-two-kernels')
    const { series } = await openFolder(join(one.folder, 'ct'))
    const { stacks, slicesEach, spacing } = right(one)
    expect(series).toHaveLength(Number(stacks))
    for (const { detail } of series) {
      expect(detail.slices).toHaveLength(Number(slicesEach))
      expect(detail.summary.spacingMm?.slice).toBe(spacing)
    }
    expect(series.map(({ detail }) => detail.kernel).sort()).toEqual(['B30f', 'B70f'])
  })

  test('18-slices-shifted-in-plane: said by the scan, refused as NIfTI', async () => {
    const one = openCase('18-slices-shifted-in-plane')
    const { series } = await openFolder(join(one.folder, 'ct'))
    expect(series[0]?.detail.summary.warnings).toMatchObject([
      { code: 'slices-shifted', text: expect.stringContaining('7 mm') as string },
    ])
    await one.masks(join(one.folder, 'ct'), join(one.folder, 'seg.dcm'), 'seg')
    const { ended, files } = await one.exportReadings(join(one.folder, 'ct'), 'nifti')
    expect(files).toBeNull()
    expect(ended.err).toContain('shifted against each other')
  })

  test('19-slice-arrives-later: a reading stays on the slice it was made on', async () => {
    const one = openCase('19-slice-arrives-later')
    const ct = join(one.scratch, 'ct')
    cpSync(join(one.folder, 'ct'), ct, { recursive: true })
    await one.masks(ct, join(one.folder, 'seg.dcm'), 'seg')
    cpSync(join(one.folder, 'later', 'ct001.dcm'), join(ct, 'ct001.dcm'))
    const { files } = await one.exportReadings(ct, 'lidc-xml')
    const xml = Object.entries(files ?? {}).find(([path]) => path.endsWith('.xml'))?.[1]
    const text = new TextDecoder().decode(xml)
    const { sopInstanceUid, positionZ } = right(one)
    expect(/<imageSOP_UID>([^<]*)</.exec(text)?.[1]).toBe(sopInstanceUid)
    expect(Number(/<imageZposition>([^<]*)</.exec(text)?.[1])).toBe(positionZ)
  })

  test('20-made-up-uid-exported: files name the series as their source does', async () => {
    const one = openCase('20-made-up-uid-exported')
    const ct = join(one.folder, 'ct')
    const series = ['--series', 'margin.2.25.77001.1.2']
    const brought = await one.margin(
      ...['import', ct, '--file', join(one.folder, 'seg.dcm'), '--format', 'seg', '--reader', 'R'],
      ...['--workspace', join(one.scratch, 'workspace'), ...series],
    )
    expect(brought.code).toBe(0)
    for (const format of ['seg', 'rtstruct', 'lidc-xml', 'png', 'coco']) {
      const { files } = await one.exportReadings(ct, format, series)
      const handed = Object.entries(files ?? {}).filter(([path]) => path.startsWith('R'))
      expect(handed).not.toEqual([])
      for (const [, bytes] of handed) {
        const text = Buffer.from(bytes).toString('latin1')
        expect(text).not.toContain('margin.')
        if (format !== 'png') expect(text).toContain(right(one)['seriesInstanceUid'])
      }
    }
  })

  test('21-dicomdir-extension: every file that the directory means is there', async () => {
    const one = openCase('21-dicomdir-extension')
    const { scan, series } = await openFolder(join(one.folder, 'Disc'))
    expect(series.map(({ detail }) => detail.slices.length)).toEqual([right(one)['slices']])
    expect(scan.refused).toEqual(right(one)['refused'])
  })

  test.each<[string, (name: string) => string]>([
    ['in small letters', (name) => name.toLowerCase()],
    ['in small letters with an ending', (name) => `${name.toLowerCase()}.dcm`],
    ['with an ending in capitals', (name) => `${name}.DCM`],
    ['with a version', (name) => `${name};1`],
    ['with the dot and the version of ISO 9660', (name) => `${name}.;1`],
  ])('21, of the same kind: files %s, in a folder and packed', async (_how, spelled) => {
    const one = openCase('21-dicomdir-extension')
    const disc = join(one.folder, 'Disc')
    const files = readdirSync(disc, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )
    const named = files.map(({ name, parentPath }) => ({
      bytes: readFileSync(join(parentPath, name)),
      // Folders too: discs write all of the path one way or the other.
      path: [...relative(disc, parentPath).split(sep), name]
        .filter((part) => part !== '')
        .map((part, at, all) => {
          const isFile = at === all.length - 1
          const plain = isFile ? part.replace(/\.dcm$/i, '') : part
          if (plain === 'DICOMDIR') return plain
          return isFile ? spelled(plain) : spelled(plain).replace(/\.?(;1|dcm)?$/i, '')
        })
        .join('/'),
    }))
    const [folder, packed] = [join(one.scratch, 'Disc'), join(one.scratch, 'packed')]
    for (const { path, bytes } of named) {
      mkdirSync(join(folder, dirname(path)), { recursive: true })
      writeFileSync(join(folder, path), bytes)
    }
    mkdirSync(packed)
    const entries = named.map(({ path, bytes }) => [path, new Uint8Array(bytes)] as const)
    writeFileSync(join(packed, 'disc.zip'), zipSync(Object.fromEntries(entries)))
    for (const at of [folder, packed]) {
      const { scan, series } = await openFolder(at)
      expect(series.map(({ detail }) => detail.slices.length)).toEqual([right(one)['slices']])
      expect(scan.refused).toEqual([])
    }
  })

  test('23-zip-name-utf8-unflagged: the photograph has its name, and a file that names it finds it', async () => {
    const one = openCase('23-zip-name-utf8-unflagged')
    const { scan } = await openFolder(join(one.folder, 'img.zip'))
    expect(scan.images.map(({ name }) => name)).toEqual([right(one)['name']])
    const { masks } = await one.masks(join(one.folder, 'img.zip'), join(one.folder, 'a.json'), 'coco')
    expect(masks.map(({ pixels }) => pixels)).toEqual([right(one)['pixels']])
  })

  test.each(['25-tiff-extra-sample', '26-tiff-12-bit-in-16'])(
    '%s: the colours that are meant',
    async (name) => {
      const one = openCase(name)
      const { photographs } = await openFolder(join(one.folder, 'img'))
      const { meanOfChannels, rgbAtRow3Column5, tolerance } = Right.parse(right(one))
      const [photograph] = photographs
      expect(Math.abs((photograph?.mean ?? 0) - Number(meanOfChannels))).toBeLessThanOrEqual(
        Number(tolerance),
      )
      z.array(z.number())
        .parse(rgbAtRow3Column5)
        .forEach((value, at) => {
          const found = photograph?.rgbAt(3, 5)[at] ?? 0
          expect(Math.abs(found - value)).toBeLessThanOrEqual(Number(tolerance))
        })
      expect(photograph?.warnings).not.toEqual([])
    },
  )

  test('28-mask-name-not-passed: the name of the mask says its slice', async () => {
    const one = openCase('28-mask-name-not-passed')
    const { masks } = await one.masks(
      ...([join(one.folder, 'ct'), join(one.folder, 'slice-3.png'), 'png', 'Reader 1'] as const),
    )
    const { slice, pixels } = right(one)
    expect(Object.values(pixelsPerLabelAndSlice(masks))).toEqual([{ [String(slice)]: pixels }])
  })

  test('31-right-frames-0: one frame is there', async () => {
    const one = openCase('31-right-frames-0')
    const { series } = await openFolder(join(one.folder, 'ct'))
    const { slices, hu } = right(one)
    expect(series.map(({ detail }) => detail.slices.length)).toEqual([slices])
    expect(await series[0]?.valuesAt(3, 5)).toEqual([hu])
  })

  test('32-right-negative-spacing: positions decide', async () => {
    const one = openCase('32-right-negative-spacing')
    const { series } = await openFolder(join(one.folder, 'ct'))
    const { zAscending, spacing, hu } = right(one)
    expect(series[0]?.detail.slices.map(({ positionMm }) => positionMm?.[2])).toEqual(zAscending)
    expect(series[0]?.detail.summary.spacingMm?.slice).toBe(spacing)
    expect(await series[0]?.valuesAt(3, 5)).toEqual(hu)
  })

  test('33-right-tiny-contours: no pixel centre lies in them', async () => {
    const one = openCase('33-right-tiny-contours')
    const { masks } = await one.masks(join(one.folder, 'ct'), join(one.folder, 'rs.dcm'), 'rtstruct')
    expect(masks.map(({ pixels }) => pixels)).toEqual([right(one)['pixels']])
  })
})
