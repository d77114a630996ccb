/** What a model drew, as objects of the field: written, and read by pydicom, highdicom, nibabel and the validator of dicom3tools. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { RunObjectFormat } from '../../../src/contract'
import { placed, type DrawnLesion, surfacesOf } from '../../../src/core/exchange/drawn/drawn-lesion'
import type { ReportedFigures } from '../../../src/core/exchange/drawn/measurement-report'
import { type DrawnExport, writeDrawn } from '../../../src/core/exchange/drawn/write-drawn'
import { wholeMask } from '../../../src/core/exchange/exchange-reading'
import type { NamedFile } from '../../../src/core/files/named-file'
import { sizeDistribution } from '../../../src/core/uncertainty/intervals'
import { inflate, ORIENTATIONS, seriesOf, sourceOf, STAMP } from '../../fixtures/exchange-source'
import { hasValidator, saidByValidator } from '../../fixtures/dicom-validator'
import { python, pythonHas } from '../../python'
import { unwrap } from '../../unwrap'

const axial = ORIENTATIONS['axial'] ?? { row: [1, 0, 0], column: [0, 1, 0] }
const TARGET = seriesOf({ orientation: axial, widthPx: 37, heightPx: 26, slices: 5 })
const [WIDTH, HEIGHT, COUNT] = [14, 12, 60]

/** A wedge that grows with the sample and moves with the slice; every seventh sample draws nothing. */
function sample(slice: number, index: number): Uint8Array {
  const pixels = new Uint8Array(WIDTH * HEIGHT)
  if (index % 7 === 3) return pixels
  for (let row = 1; row < 4 + (index % 6); row += 1)
    for (let column = slice; column < 5 + slice + (index % 4) - Math.floor(row / 3); column += 1)
      pixels[row * WIDTH + column] = 1
  return pixels
}

const LESION: DrawnLesion = {
  id: 'slice-3-column-20-row-9',
  label: 'Nodule 1',
  isWhole: true,
  run: {
    model: 'a-model',
    modelVersion: '1.0.0',
    modelSha256: 'f'.repeat(64),
    uncertainty: 'samples',
    samples: COUNT,
    seed: 7,
    draws: 'even',
    version: '0.2.0',
  },
  slices: [1, 2, 3].map((sliceIndex) => ({
    sliceIndex,
    ...{ originColumn: 15, originRow: 8, widthPx: WIDTH, heightPx: HEIGHT },
    samples: Array.from({ length: COUNT }, (_, index) => sample(sliceIndex, index)),
  })),
}

const spread = sizeDistribution(Array.from({ length: COUNT }, (_, at) => (at % 7 === 3 ? null : 100 + at)))
const FIGURES: ReportedFigures = {
  rows: [
    { key: 'volumeMm3', label: 'Volume', unit: 'mm³', distribution: spread },
    { key: 'meanDiameterMm', label: 'Mean diameter', unit: 'mm', distribution: spread },
    { key: 'longAxisMm', label: 'Long axis', unit: 'mm', distribution: spread },
    { key: 'meanHu', label: 'Mean inside', unit: 'HU', distribution: spread },
  ],
  drawnCount: 52,
  kind: 'solid',
  classes: [
    {
      guideline: 'Fleischner 2017',
      measure: 'mean diameter',
      classes: [
        { name: '< 6 mm', count: 2 },
        { name: '6–8 mm', count: 40 },
        { name: '> 8 mm', count: 10 },
      ],
    },
  ],
}

const ALL: DrawnExport = {
  ...{ lesion: LESION, figures: FIGURES, formats: RunObjectFormat.options },
  ...{ target: TARGET, source: sourceOf(TARGET), stamp: STAMP },
}
const onesOf = (pixels: Uint8Array, slice: DrawnLesion['slices'][number]): number[] => {
  const whole = wholeMask({ mask: placed(slice, pixels) }, TARGET.widthPx, TARGET.heightPx)
  return [...whole.keys()].filter((at) => whole[at] === 1)
}
const surfaceOnes = (place: number): number[][] =>
  LESION.slices.map((slice) => onesOf(surfacesOf(LESION)[place]?.maskOn(slice) ?? new Uint8Array(0), slice))

test('the same lesion gives the same bytes, and each file has its name', () => {
  const files = unwrap(writeDrawn(ALL, inflate))
  expect(unwrap(writeDrawn(ALL, inflate))).toEqual(files)
  expect(files.map(({ path }) => path.replace(LESION.id, 'ID'))).toEqual([
    'seg/ID-median.dcm',
    'seg/ID-band-50-outer.dcm',
    'seg/ID-band-90-outer.dcm',
    'seg/ID-samples.dcm',
    'seg/ID-share.dcm',
    'maps/ID-variance.dcm',
    'sr/ID.dcm',
    'rtstruct/ID.dcm',
    'nifti/ID-median.nii.gz',
  ])
})

test.each(RunObjectFormat.options)('%s: what it cannot hold is refused by its name, whole', (format) => {
  const only = { ...ALL, formats: [format] as const }
  const nothing = LESION.slices.map((slice) => ({
    ...slice,
    samples: slice.samples.map((one) => new Uint8Array(one.length)),
  }))
  const refusalOf = (answer: ReturnType<typeof writeDrawn>) => (answer.ok ? null : answer.refusal)
  const empty = writeDrawn({ ...only, lesion: { ...LESION, slices: nothing } }, inflate)
  expect(refusalOf(empty)?.reason).toMatch(/no sample draws anything/)
  const photograph = { kind: 'image', name: 'a.png', widthPx: 37, heightPx: 26 } as const
  expect(writeDrawn({ ...only, target: photograph }, inflate)).toMatchObject({ ok: false })
  expect(refusalOf(writeDrawn({ ...only, source: null }, inflate))?.next).toMatch(
    /^Nothing was exported\. Export without/,
  )
  // A source without its frame of reference: DICOM objects cannot lie anywhere; NIfTI needs the places alone.
  const placeless = { ...sourceOf({ ...TARGET, frameOfReferenceUid: null }), shared: new Map() }
  const answer = writeDrawn({ ...only, source: placeless }, inflate)
  expect(answer.ok).toBe(format === 'nifti')
})

test('a lesion without a size in millimetres has no structured report', () => {
  const figures = { ...FIGURES, rows: [] }
  const answer = writeDrawn({ ...ALL, figures, formats: ['sr'] }, inflate)
  expect(answer.ok ? '' : answer.refusal.reason).toMatch(/^DICOM SR: .*no size in millimetres/)
})

describe('other programs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-drawn-'))
  let files: readonly NamedFile[] = []
  const path = (file: string): string => join(folder, file.replace('ID', LESION.id))
  beforeAll(() => {
    files = unwrap(writeDrawn(ALL, inflate))
    for (const file of files) {
      mkdirSync(dirname(join(folder, file.path)), { recursive: true })
      writeFileSync(join(folder, file.path), file.bytes)
    }
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const asked = (script: string, ...paths: readonly string[]): unknown =>
    JSON.parse(
      execFileSync(python, ['-W', 'ignore', '-c', script, ...paths.map(path)], {
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      }),
    )

  test.skipIf(!hasValidator)('dciodvfy finds no error in any object', () => {
    for (const file of files.filter(({ path: name }) => name.endsWith('.dcm'))) {
      const said = saidByValidator(join(folder, file.path)).split('\n')
      const errors = said.filter((line) => /^Error/.test(line) && !/Laterality/.test(line))
      expect({ file: file.path, errors }).toEqual({ file: file.path, errors: [] })
    }
  })

  test.skipIf(!pythonHas('pydicom', 'highdicom', 'numpy'))(
    'pydicom and highdicom read the samples, the share of them and its variance',
    () => {
      const script = `
import json, sys, numpy, pydicom, highdicom
seg = highdicom.seg.segread(sys.argv[1])
samples = pydicom.dcmread(sys.argv[2])
ones = {}
for k, g in enumerate(samples.PerFrameFunctionalGroupsSequence):
    number = g.SegmentIdentificationSequence[0].ReferencedSegmentNumber
    ones.setdefault(samples.SegmentSequence[number - 1].SegmentLabel, []).append(numpy.flatnonzero(samples.pixel_array[k]).tolist())
share = highdicom.seg.segread(sys.argv[3])
pm = pydicom.dcmread(sys.argv[4])
uids = ["2.25.14.%d" % (k + 1) for k in (1, 2, 3)]
volume = seg.get_pixels_by_source_instance(uids, segment_numbers=[1], ignore_spatial_locations=True)
shares = share.get_pixels_by_source_instance(uids, segment_numbers=[1], ignore_spatial_locations=True)
print(json.dumps({
  "median": [numpy.flatnonzero(f).tolist() for f in volume[..., 0]],
  "samples": ones,
  "full": int(share.MaximumFractionalValue), "type": share.SegmentationFractionalType,
  "shares": [float(f.max()) for f in shares[..., 0]],
  "sums": [round(float(f.sum()) * 60) for f in shares[..., 0]],
  "variance": pm.pixel_array.astype(float).sum(axis=(1, 2)).tolist(),
  "most": float(pm.pixel_array.max()),
  "unit": pm.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence[0].MeasurementUnitsCodeSequence[0].CodeValue,
}))`
      const answer = z
        .object({
          median: z.array(z.array(z.number())),
          samples: z.record(z.string(), z.array(z.array(z.number()))),
          full: z.number(),
          type: z.string(),
          shares: z.array(z.number()),
          sums: z.array(z.number()),
          variance: z.array(z.number()),
          most: z.number(),
          unit: z.string(),
        })
        .parse(
          asked(
            script,
            'seg/ID-median.dcm',
            'seg/ID-samples.dcm',
            'seg/ID-share.dcm',
            'maps/ID-variance.dcm',
          ),
        )
      expect(answer.median).toEqual(surfaceOnes(0))
      const drawn = Array.from({ length: COUNT }, (_, at) => at).filter((at) => at % 7 !== 3)
      expect(Object.keys(answer.samples)).toEqual(drawn.map((at) => `Sample ${at + 1}`))
      for (const at of drawn)
        expect(answer.samples[`Sample ${at + 1}`]).toEqual(
          LESION.slices.map((slice) => onesOf(slice.samples[at] ?? new Uint8Array(0), slice)),
        )
      expect([answer.full, answer.type, answer.unit]).toEqual([COUNT, 'PROBABILITY', '1'])
      // Shares are counts of samples over all samples: their sum is the pixels of all samples.
      expect(answer.sums).toEqual(
        LESION.slices.map(({ samples }) =>
          samples.flatMap((one) => [...one]).reduce((sum, pixel) => sum + pixel, 0),
        ),
      )
      LESION.slices.forEach(({ samples }, slice) => {
        let variance = 0
        for (let at = 0; at < WIDTH * HEIGHT; at += 1) {
          const share = samples.filter((one) => one[at] === 1).length / COUNT
          variance += share * (1 - share)
        }
        expect(answer.variance[slice]).toBeCloseTo(variance, 4)
      })
      expect(answer.most).toBeLessThanOrEqual(0.25)
    },
  )

  test.skipIf(!pythonHas('pydicom', 'highdicom'))(
    'highdicom reads the measurements with units, tracking and the segment that they are of',
    () => {
      const script = `
import json, sys, pydicom, highdicom
sr = highdicom.sr.srread(sys.argv[1])
[group] = sr.content.get_volumetric_roi_measurement_groups()
seg = pydicom.dcmread(sys.argv[2])
def ends(m):
    return {c.name.meaning: float(c.value) for c in getattr(m[0], 'ContentSequence', []) if c.ValueType == 'NUM'}
print(json.dumps({
  "tracking": group.tracking_identifier, "uid": group.tracking_uid,
  "finding": group.finding_type.meaning,
  "refers": [str(i.ReferencedSOPSequence[0].ReferencedSOPInstanceUID) for i in group[0].ContentSequence if i.ValueType == 'IMAGE'],
  "seg": str(seg.SOPInstanceUID), "segTracking": str(seg.SegmentSequence[0].TrackingUID),
  "measured": [[m.name.meaning, float(m.value), m.unit.value, ends(m)] for m in group.get_measurements()],
  "patient": str(sr.PatientID),
  "classes": [[c.name.meaning, c.value.meaning] for c in group.get_qualitative_evaluations()],
}))`
      const answer = z
        .object({
          finding: z.string(),
          tracking: z.string(),
          uid: z.string(),
          refers: z.array(z.string()),
          seg: z.string(),
          segTracking: z.string(),
          measured: z.array(z.tuple([z.string(), z.number(), z.string(), z.record(z.string(), z.number())])),
          classes: z.array(z.tuple([z.string(), z.string()])),
          patient: z.string(),
        })
        .parse(asked(script, 'sr/ID.dcm', 'seg/ID-median.dcm'))
      expect([answer.tracking, answer.finding]).toEqual([`${LESION.id} median`, 'Nodule'])
      expect([answer.uid, answer.refers]).toEqual([answer.segTracking, [answer.seg]])
      const interval = {
        'Lower end of the middle 95 % of samples': spread.low95,
        'Upper end of the middle 95 % of samples': spread.high95,
      }
      expect(answer.measured.slice(0, 4)).toEqual([
        ['Volume', spread.median, 'mm3', interval],
        ['Diameter', spread.median, 'mm', interval],
        ['Long Axis', spread.median, 'mm', interval],
        ['Attenuation Coefficient', spread.median, "[hnsf'U]", interval],
      ])
      expect(answer.classes).toContainEqual([
        'Class of most samples, Fleischner 2017, mean diameter',
        '6–8 mm',
      ])
      expect(answer.patient).toBe('MARGIN-PHANTOM')
    },
  )

  test.skipIf(!pythonHas('nibabel', 'pydicom', 'numpy'))(
    'nibabel and pydicom find the median in space',
    () => {
      const script = `
import json, sys, numpy, nibabel, pydicom
n = nibabel.load(sys.argv[1])
ijk = numpy.argwhere(numpy.asarray(n.dataobj) == 1)
d = pydicom.dcmread(sys.argv[2])
print(json.dumps({
  "ras": nibabel.affines.apply_affine(n.affine, ijk).mean(axis=0).tolist(), "count": len(ijk),
  "names": [r.ROIName for r in d.StructureSetROISequence],
  "contours": [len(c.ContourSequence) for c in d.ROIContourSequence],
}))`
      const answer = z
        .object({
          ras: z.tuple([z.number(), z.number(), z.number()]),
          count: z.number(),
          names: z.array(z.string()),
          contours: z.array(z.number()),
        })
        .parse(asked(script, 'nifti/ID-median.nii.gz', 'rtstruct/ID.dcm'))
      const ones = surfaceOnes(0).flatMap((on, at) => on.map((pixel) => ({ pixel, slice: at + 1 })))
      expect(answer.count).toBe(ones.length)
      const mean = (of: (one: (typeof ones)[number]) => number): number =>
        ones.reduce((sum, one) => sum + of(one), 0) / ones.length
      const [x0 = 0, y0 = 0, z0 = 0] = TARGET.slices[0]?.positionMm ?? []
      const spacing = TARGET.spacingMm ?? { row: 1, column: 1 }
      // LPS to RAS: left and posterior change sides.
      expect(answer.ras[0]).toBeCloseTo(-(x0 + mean(({ pixel }) => pixel % 37) * spacing.column), 3)
      expect(answer.ras[1]).toBeCloseTo(-(y0 + mean(({ pixel }) => Math.floor(pixel / 37)) * spacing.row), 3)
      expect(answer.ras[2]).toBeCloseTo(z0 + mean(({ slice }) => slice) * 2.5, 3)
      expect(answer.names).toEqual([
        'Nodule 1: Median sample',
        'Nodule 1: 50 % band, outer border',
        'Nodule 1: 90 % band, outer border',
      ])
      expect(answer.contours.every((count) => count >= 3)).toBe(true)
    },
  )
})
