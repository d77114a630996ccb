/** One click on LIDC-IDRI-0001, and the lesion is followed through its slices and measured whole. */
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LesionLine, type LesionReport, type LesionRequest, type ReadingSet } from '../../../src/contract'
import { createInference } from '../../../src/main/inference/process/host'
import { createRuns } from '../../../src/main/inference/runs'
import { createLesionRuns, type LesionRuns } from '../../../src/main/lesions/lesion-runs'
import { createLibrary } from '../../../src/main/library/library'
import { picturesHere } from '../../../src/main/pictures/picture-process'
import { createReadings } from '../../../src/main/library/readings'
import { createModels } from '../../../src/main/registry/models'
import { bundle } from '../../bundle'
import { lidcSeries } from '../../fixtures/lidc-series'
import { absent } from '../../test-data'

const folder = lidcSeries()
const reason = absent('lidc/LIDC-IDRI-0001.tar.xz') ?? ''
const SAMPLES = 32

describe.skipIf(folder === null)(`the lesion of LIDC-IDRI-0001 ${reason}`, () => {
  const library = createLibrary({ workerPath: null })
  const nowMs = (): number => performance.now()
  let lesions: LesionRuns
  let close: () => void = () => undefined
  let readings: ReadingSet
  let request: LesionRequest
  let lines: readonly LesionLine[]
  let report: LesionReport

  beforeAll(async () => {
    await library.addRoot(folder ?? '')
    const scanned = await library.scan([folder ?? ''], () => undefined, new AbortController().signal)
    if (!scanned.ok) throw new Error(scanned.refusal.reason)
    const beside = createReadings({ library, pictures: picturesHere(), workerPath: null })
    const annotationIds = library.current().annotations.map(({ annotationId }) => annotationId)
    const imported = await beside.importAnnotations({ annotationIds })
    if (!imported.ok) throw new Error(imported.refusal.reason)
    readings = imported.value
    const childPath = await bundle('src/main/inference/process/child.ts', 'whole-lesion')
    const inference = createInference({ childPath, platform: 'linux', forcedDevice: 'cpu', nowMs })
    close = inference.close
    const modelsDir = resolve(import.meta.dirname, '..', '..', '..', 'models')
    const models = createModels({ modelsDir, verify: inference.verify })
    const runs = createRuns({ library, readings: beside, models, inference, version: '0', nowMs })
    lesions = createLesionRuns({ library, readings: beside, runs, nowMs })
    const centre = readings.structures[0]?.centre ?? { column: 0, row: 0, sliceIndex: 0 }
    request = {
      target: { kind: 'series', seriesUid: readings.seriesUid ?? '', ...centre, structureId: null },
      modelId: null,
      samples: SAMPLES,
      seed: 3,
    }
    lines = await linesOf(request)
    report = reportOf(lines)
  })
  afterAll(async () => {
    close()
    await library.close()
  })

  async function linesOf(asked: LesionRequest, signal = new AbortController().signal): Promise<LesionLine[]> {
    const taken: LesionLine[] = []
    for await (const line of lesions.follow(asked, signal)) taken.push(LesionLine.parse(line))
    return taken
  }
  function reportOf(taken: readonly LesionLine[]): LesionReport {
    const last = taken.at(-1)
    if (last?.kind !== 'done') throw new Error(`ended with ${JSON.stringify(last).slice(0, 300)}`)
    return last.report
  }

  test('the clicked slice is done before any other begins, then one on each side in turn', () => {
    const followed = lines.flatMap((line) => (line.kind === 'followed' ? [line.slice.sliceIndex] : []))
    const clicked = request.target.sliceIndex
    expect(followed.slice(0, 5).map((index) => index - clicked)).toEqual([0, 1, -1, 2, -2])
    const firstOther = lines.findIndex((line) => line.kind === 'slice' && line.target.sliceIndex !== clicked)
    expect(
      lines.slice(0, firstOther).some((line) => line.kind === 'slice' && line.line.kind === 'done'),
    ).toBe(true)
  })

  test('it finds every slice that two of the four readers drew, and its volume lies among theirs', () => {
    const own = report.slices.filter(({ isInLesion }) => isInLesion).map(({ sliceIndex }) => sliceIndex)
    const drawnBy = new Map<number, number>()
    for (const { slices } of readings.structures[0]?.readings ?? [])
      for (const { sliceIndex } of slices) drawnBy.set(sliceIndex, (drawnBy.get(sliceIndex) ?? 0) + 1)
    const byTwo = [...drawnBy].filter(([, count]) => count >= 2).map(([sliceIndex]) => sliceIndex)
    expect(byTwo.length).toBeGreaterThan(5)
    expect(own).toEqual(expect.arrayContaining(byTwo))
    expect(own).toEqual(own.map((_, at) => (own[0] ?? 0) + at))
    const { low95, high95 } = report.sizes.volumeMm3 ?? { low95: null, high95: null }
    expect(report.readers).toHaveLength(4)
    for (const { volumeMm3 } of report.readers) {
      expect(volumeMm3).toBeGreaterThan(low95 ?? Infinity)
      expect(volumeMm3).toBeLessThan(high95 ?? 0)
    }
  })

  test("a reader's volume is the voxels marked times their size", () => {
    const { readers } = report
    const spacing = library.current().series[0]?.spacingMm
    const voxelMm3 = (spacing?.row ?? 0) * (spacing?.column ?? 0) * (spacing?.slice ?? 0)
    const counted = (readings.structures[0]?.readings ?? []).map(({ voxels }) => voxels * voxelMm3)
    readers.forEach(({ volumeMm3 }, at) => {
      expect(volumeMm3).toBeCloseTo(counted[at] ?? 0, 3)
    })
  })

  test('the same request gives the same report', async () => {
    const withoutNames = ({ slices, ...rest }: LesionReport) => ({
      ...rest,
      slices: slices.map(({ runId: _runId, ...slice }) => slice),
    })
    expect(withoutNames(reportOf(await linesOf(request)))).toEqual(withoutNames(report))
  })

  test('a place outside the image is refused, a cancelled one ends', async () => {
    const outside = await linesOf({ ...request, target: { ...request.target, column: 5000 } })
    expect(outside.at(-1)).toMatchObject({ kind: 'refused', refusal: { code: 'request-invalid' } })
    const stop = new AbortController()
    stop.abort()
    expect((await linesOf(request, stop.signal)).at(-1)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'cancelled' },
    })
  })
})
