/** The nine awkward reading files of the LIDC collection, against counts made by another program. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { countPixels } from '../../../src/core/image/mask'
import { maskOfEdgeMaps } from '../../../src/core/lidc/edge-mask'
import { type OutlinedNodule, parseLidcFile } from '../../../src/core/lidc/lidc-file'
import { testDataDir } from '../../test-data'

const folder = join(testDataDir, 'lidc')
const present = existsSync(join(folder, 'xml-samples.zip'))

const ExpectedNodule = z.object({
  id: z.string(),
  has_characteristics: z.boolean(),
  malignancy: z.number().nullable().optional(),
  exclusion_rois: z.number(),
  voxels: z.number(),
  slices: z.array(
    z.object({
      sop_uid: z.string(),
      z: z.number(),
      voxels: z.number(),
      rois: z.number(),
      points: z.array(z.number()),
    }),
  ),
})
const ExpectedFile = z.object({
  file: z.string(),
  why: z.string(),
  root: z.string(),
  series_uid: z.string().nullable().optional(),
  per_session: z
    .array(
      z.object({
        nodules_with_contour_and_characteristics: z.number(),
        small_marks: z.number(),
        non_nodules: z.number(),
        nodules: z.array(ExpectedNodule),
      }),
    )
    .optional(),
})

function describeNodule(nodule: OutlinedNodule): z.infer<typeof ExpectedNodule> {
  const sopUids = [...new Set(nodule.edgeMaps.map((map) => map.sopInstanceUid))]
  const slices = sopUids.map((sopUid) => {
    const maps = nodule.edgeMaps.filter((map) => map.sopInstanceUid === sopUid)
    return {
      sop_uid: sopUid,
      z: maps[0]?.zMm ?? Number.NaN,
      voxels: countPixels(maskOfEdgeMaps(maps).mask),
      rois: maps.length,
      points: maps.map((map) => map.points.length),
    }
  })
  return {
    id: nodule.noduleId,
    has_characteristics: nodule.characteristics !== null,
    malignancy: nodule.characteristics?.['malignancy'] ?? null,
    exclusion_rois: nodule.edgeMaps.filter((map) => !map.inclusion).length,
    voxels: slices.reduce((sum, slice) => sum + slice.voxels, 0),
    slices,
  }
}

describe.skipIf(!present)('awkward reading files (skipped where data/lidc is absent)', () => {
  const files = present ? unzipSync(readFileSync(join(folder, 'xml-samples.zip'))) : {}
  const expected = present
    ? z.array(ExpectedFile).parse(JSON.parse(readFileSync(join(folder, 'xml_samples_expected.json'), 'utf8')))
    : []

  test('all nine are there', () => {
    expect(expected).toHaveLength(9)
  })

  for (const file of expected) {
    test(`${file.file}: ${file.why}`, () => {
      const read = parseLidcFile(files[file.file] ?? new Uint8Array(0))
      if (file.root !== 'LidcReadMessage') {
        expect(read).toMatchObject({ ok: false, refusal: { code: 'annotation-unsupported' } })
        return
      }
      if (!read.ok) throw new Error(read.refusal.reason)
      expect(read.value.seriesUid).toBe(file.series_uid)
      const sessions = read.value.sessions.map((session) => ({
        nodules_with_contour_and_characteristics: session.nodules.filter((n) => n.characteristics !== null)
          .length,
        small_marks: session.smallMarkCount,
        non_nodules: session.nonNoduleCount,
        nodules: session.nodules.map(describeNodule),
      }))
      expect(sessions).toEqual(file.per_session)
    })
  }
})
