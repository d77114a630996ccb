/** Two raters read LIDC-IDRI-0001 over the HTTP application; what they drew goes out in each format and comes in again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Comparison, ExportManifest, ImportOutcome } from '../../../src/contract'
import type { ExportFormat, Rater, Subject } from '../../../src/contract'
import { servicesOnDisk } from '../../fixtures/services-on-disk'
import { createLibrary } from '../../../src/main/library/library'
import { hashPassword } from '../../../src/main/accounts/password'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import { emptyDocument } from '../../../src/core/annotation/document'
import { encodeBoxMask } from '../../../src/core/contour/box-mask'
import type { Mask } from '../../../src/core/image/mask'
import type { WorkspaceServices } from '../../../src/main/compose/create-workspace-services'
import type { LibraryService } from '../../../src/main/library/library-service'
import { paintEdit } from '../../../src/renderer/draw/strokes/edits'
import { lidcSeries } from '../../fixtures/lidc-series'

const folder = lidcSeries()
const SIZE = 512
/** A label map of the whole series is packed and read back: seconds on a quiet machine. */
const TIMEOUT_MS = 120_000

/** Asymmetric, with a hole, and with a column count that fills no byte. */
function shape(shift: number): Mask {
  const pixels = new Uint8Array(SIZE * SIZE)
  for (let row = 200; row < 231; row += 1) pixels.fill(1, row * SIZE + 301 + shift, row * SIZE + 320 + shift)
  pixels.fill(1, 231 * SIZE + 301 + shift, 231 * SIZE + 308 + shift)
  for (let row = 210; row < 214; row += 1) pixels.fill(0, row * SIZE + 306 + shift, row * SIZE + 311 + shift)
  return { widthPx: SIZE, heightPx: SIZE, pixels }
}

/** A workspace in which nobody has read yet, with the one rater it has. */
async function otherWorkspace(
  library: LibraryService,
): Promise<
  Pick<WorkspaceServices, 'exchange' | 'comparisons'> & { rater: Rater; close: () => Promise<void> }
> {
  const workspace = mkdtempSync(join(tmpdir(), 'margin-elsewhere-'))
  const store = await openWorkspace(workspace, { clock: () => Date.now() })
  if (!store.ok) throw new Error(store.refusal.reason)
  const passwordHash = await hashPassword('long enough')
  const rater = await store.value.addRater({ name: 'Reader 3', role: 'owner', passwordHash }, null)
  if (!rater.ok) throw new Error(rater.refusal.reason)
  await store.value.close()
  const services = servicesOnDisk(workspace, library, { accounts: true })
  const close = async (): Promise<void> => {
    await services.closeWorkspace()
    rmSync(workspace, { recursive: true })
  }
  return { exchange: services.exchange, comparisons: services.comparisons, rater: rater.value, close }
}

describe.skipIf(folder === null)('LIDC-IDRI-0001 read by two (skipped where data/lidc is absent)', () => {
  const workspace = mkdtempSync(join(tmpdir(), 'margin-exchange-'))
  const library = createLibrary({ workerPath: null })
  const onWorkspace = servicesOnDisk(workspace, library, { accounts: true })
  let subject: Subject = { kind: 'series', seriesUid: '' }
  const raters: Rater[] = []

  beforeAll(async () => {
    const root = await library.addRoot(folder ?? '')
    if (!root.ok) throw new Error(root.refusal.reason)
    const scan = await library.scan([root.value], () => undefined, new AbortController().signal)
    if (!scan.ok) throw new Error(scan.refusal.reason)
    subject = { kind: 'series', seriesUid: scan.value.series[0]?.seriesUid ?? '' }
    const store = await openWorkspace(workspace, { clock: () => Date.now() })
    if (!store.ok) throw new Error(store.refusal.reason)
    const passwordHash = await hashPassword('long enough')
    for (const [name, role] of [
      ['Reader 1', 'owner'],
      ['Reader 2', 'reader'],
    ] as const) {
      const rater = await store.value.addRater({ name, role, passwordHash }, null)
      if (!rater.ok) throw new Error(rater.refusal.reason)
      raters.push(rater.value)
    }
    await store.value.close()
    for (const [index, rater] of raters.entries()) await readBlind(rater, index)
  }, 60_000)

  afterAll(async () => {
    await onWorkspace.closeWorkspace()
    await library.close()
    rmSync(workspace, { recursive: true })
  })

  async function readBlind(rater: Rater, shift: number): Promise<void> {
    const opened = await onWorkspace.attempts.open(rater, { subject, blind: true, panelId: null })
    if (!opened.ok) throw new Error(opened.refusal.reason)
    const { attemptId } = opened.value.attempt
    const edit = paintEdit(emptyDocument(SIZE, SIZE), {
      title: 'Brush',
      tool: 'brush',
      structureId: 'nodule',
      label: 'Nodule 1',
      changes: [40, 41, 43].map((sliceIndex) => ({
        sliceIndex,
        after: shape(shift),
        box: { column: 0, row: 0, widthPx: SIZE, heightPx: SIZE },
      })),
    })
    if (edit === null) throw new Error('nothing was painted')
    const entryId = crypto.randomUUID()
    const written = await onWorkspace.attempts.append(rater, attemptId, {
      entryId,
      expectedRevision: 0,
      edit,
      undoes: null,
    })
    expect(written).toMatchObject({ ok: true, value: { revision: 1 } })
    const blind = await onWorkspace.comparisons.compare(rater, subject, { lesionId: null, consensus: null })
    expect(blind).toMatchObject({ ok: false, refusal: { code: 'blind' } })
    const commitment = { expectedRevision: 1, readingMs: 1000, slicesSeen: 3 }
    const committed = await onWorkspace.attempts.commit(rater, attemptId, commitment)
    expect(committed).toMatchObject({ ok: true, value: { state: 'committed', exposures: [] } })
  }

  const rater = (index: number): Rater => {
    const found = raters[index]
    if (found === undefined) throw new Error('no such rater')
    return found
  }

  async function exportReadings(format: ExportFormat): Promise<Record<string, Uint8Array>> {
    const asked = { subject, panelId: null, format, readingIds: [] }
    const zip = await onWorkspace.exchange.exportReadings(rater(0), { ...asked, consensus: 'none' })
    if (!zip.ok) throw new Error(zip.refusal.reason)
    return unzipSync(zip.value.bytes)
  }

  for (const format of ['seg', 'rtstruct', 'nifti', 'lidc-xml', 'coco'] as const) {
    test(
      `a reading goes out as ${format}, one file a rater, and comes in again pixel for pixel`,
      async () => {
        const files = await exportReadings(format)
        const manifest = ExportManifest.parse(JSON.parse(new TextDecoder().decode(files['export.json'])))
        const ofRaters = manifest.files.filter(({ attempt }) => attempt !== null)
        expect(new Set(ofRaters.map(({ reader }) => reader)).size).toBe(2)
        expect(ofRaters.every(({ blind, verdict }) => blind && verdict === 'outlined')).toBe(true)
        expect(JSON.stringify(manifest)).not.toContain('Reader 1')
        const [first] = ofRaters
        const bytes = files[first?.path ?? ''] ?? new Uint8Array(0)
        const query = {
          format,
          reader: `From ${format}`,
          seriesUid: subject.kind === 'series' ? subject.seriesUid : '',
        }
        // Here it is known by its pixels and stays what it was; where it is new it comes in as it was drawn.
        const here = await onWorkspace.exchange.bringIn(rater(0), query, bytes)
        expect(here).toMatchObject({ ok: true, value: { readings: 0, refused: [] } })
        const elsewhere = await otherWorkspace(library)
        const outcome = await elsewhere.exchange.bringIn(elsewhere.rater, query, bytes)
        expect(outcome.ok ? ImportOutcome.parse(outcome.value) : outcome).toMatchObject({
          readings: 1,
          slices: 3,
          refused: [],
        })
        const compared = await elsewhere.comparisons.compare(elsewhere.rater, subject, {
          lesionId: null,
          consensus: null,
        })
        if (!compared.ok) throw new Error(compared.refusal.reason)
        const [again, ...others] = Comparison.parse(compared.value).readings
        expect(again?.name).toContain(`From ${format}`)
        expect(others).toEqual([])
        expect(again?.slices.map(({ sliceIndex }) => sliceIndex)).toEqual([40, 41, 43])
        const drawn = [shape(0), shape(1)].map((mask) => encodeBoxMask(mask, 0, 0))
        for (const { mask } of again?.slices ?? []) expect(drawn).toContainEqual(mask)
        await elsewhere.close()
      },
      TIMEOUT_MS,
    )
  }

  test('masks go out as pictures, a slice a file, and one of them comes in on its slice', async () => {
    const files = await exportReadings('png')
    const pictures = Object.keys(files).filter((path) => path.endsWith('.png'))
    const [first = ''] = pictures
    const seriesUid = subject.kind === 'series' ? subject.seriesUid : ''
    const query = { format: 'png', reader: 'From a picture', seriesUid } as const
    const outcome = await onWorkspace.exchange.bringIn(rater(1), query, files[first] ?? new Uint8Array(0))
    expect(outcome).toMatchObject({ ok: true, value: { readings: 1, slices: 1, refused: [] } })
    expect(pictures.length).toBeGreaterThanOrEqual(6)
  })

  test(
    'the peer is compared with figures that arithmetic gives, and the evidence stands in one bundle',
    async () => {
      const compared = await onWorkspace.comparisons.compare(rater(0), subject, {
        lesionId: null,
        consensus: 'majority',
      })
      if (!compared.ok) throw new Error(compared.refusal.reason)
      const { readings, pairs, counts, lesions } = compared.value
      expect(lesions).toHaveLength(1)
      expect(counts.outlined).toBeGreaterThanOrEqual(2)
      const peer = readings.find(({ source }) => source === 'peer')
      expect(peer).toMatchObject({ name: 'Peer 1', blind: true, attemptNumber: 1 })
      // Shifted by one column: 19 of 31 rows lose one pixel, those beside the hole lose one more; the tail loses one.
      const own = shape(0).pixels
      const other = shape(1).pixels
      const shared = own.reduce((sum, pixel, at) => sum + pixel * (other[at] ?? 0), 0)
      const each = own.reduce((sum, pixel) => sum + pixel, 0)
      const pair = pairs.find(({ readingId }) => readingId === peer?.readingId)
      expect(pair?.dice.value).toBeCloseTo(shared / each, 12)
      expect(pair?.hausdorff95.value).toBeCloseTo(0.703125, 6)
      const bundle = await exportReadings('bundle')
      expect(Object.keys(bundle)).toEqual(
        expect.arrayContaining(['README.txt', 'metrics.csv', 'manifest.json']),
      )
      expect(await onWorkspace.audit.verify(rater(0))).toMatchObject({ ok: true, value: { whole: true } })
      expect(await onWorkspace.audit.verify(rater(1))).toMatchObject({ refusal: { code: 'not-allowed' } })
    },
    TIMEOUT_MS,
  )
})
