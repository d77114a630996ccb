/** Readings from files: whose they are, what they count for, how they go, and that none comes in twice. */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BoxMask, ComparedReading, Rater, Subject } from '../../../src/contract'
import { emptyDocument } from '../../../src/core/annotation/document'
import { decodeBoxMask } from '../../../src/core/contour/box-mask'
import { servicesOnDisk } from '../../fixtures/services-on-disk'
import { createLibrary } from '../../../src/main/library/library'
import { paintEdit } from '../../../src/renderer/draw/strokes/edits'
import { fieldMissing } from '../../fixtures/field-case'
import { testDataDir } from '../../test-data'
import { unwrap } from '../../unwrap'

const source = join(testDataDir, 'field', '28-mask-name-not-passed')
const MASK = 'slice-3.png'

describe.skipIf(fieldMissing !== null)(`readings from files (skipped: ${fieldMissing ?? ''})`, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'margin-imports-'))
  const library = createLibrary({ workerPath: null })
  const services = servicesOnDisk(join(scratch, 'workspace'), library, { accounts: true })
  let owner: Rater
  let reader: Rater
  let other: Rater
  /** What the file marks, as it came in. */
  let marked: BoxMask = { originColumn: 0, originRow: 0, widthPx: 0, heightPx: 0, bits: '' }
  let subject: Subject = { kind: 'series', seriesUid: '' }
  const mask = (): Uint8Array => new Uint8Array(readFileSync(join(source, MASK)))

  const bringIn = async (rater: Rater, name: string) =>
    unwrap(
      await services.exchange.bringIn(
        rater,
        {
          ...{ format: 'png', reader: name, name: MASK },
          ...(subject.kind === 'series' ? { seriesUid: subject.seriesUid } : {}),
        },
        mask(),
      ),
    )
  const compare = async (rater: Rater) =>
    unwrap(await services.comparisons.compare(rater, subject, { lesionId: null, consensus: 'majority' }))
  const fromFiles = async (rater: Rater): Promise<readonly ComparedReading[]> =>
    (await compare(rater)).readings.filter((one) => one.imported !== undefined)
  const importId = async (): Promise<string> => (await fromFiles(owner))[0]?.imported?.importId ?? ''

  beforeAll(async () => {
    cpSync(join(source, 'ct'), join(scratch, 'ct'), { recursive: true })
    unwrap(await library.addRoot(scratch))
    const signal = new AbortController().signal
    const found = unwrap(await library.scan([join(scratch, 'ct')], () => undefined, signal))
    subject = { kind: 'series', seriesUid: found.series[0]?.seriesUid ?? '' }
  })
  afterAll(async () => {
    await services.closeWorkspace()
    await library.close()
    rmSync(scratch, { recursive: true })
  })

  test('the command line makes nobody up: who asks is there already', async () => {
    expect(await services.accounts.atDesk(null, false)).toMatchObject({ refusal: { code: 'not-found' } })
    owner = unwrap(await services.accounts.atDesk(null, true))
    const make = async (name: string): Promise<Rater> =>
      unwrap(await services.accounts.add(owner, { name, password: `password of ${name}`, role: 'reader' }))
    reader = await make('Reader 1')
    other = await make('Reader 2')
    expect(unwrap(await services.accounts.atDesk('reader 1', true))).toEqual(reader)
    expect(unwrap(await services.accounts.atDesk(null, true))).toEqual(owner)
    expect(await services.accounts.atDesk('nobody', true)).toMatchObject({ ok: false })
    expect(unwrap(await services.accounts.list(owner)).raters).toHaveLength(3)
  })

  test('belongs to who brought it in, and enters the figures of a panel when the owner says so', async () => {
    const protocol = {
      blind: false,
      reveal: 'own-commit',
      startFromModel: true,
      repeatShare: 0,
      seed: 1,
    } as const
    const raterIds = [reader.raterId, other.raterId]
    const words = { instructions: '', target: '', labels: [] }
    const panel = { name: 'Panel', protocol, words, subjects: [subject], raterIds }
    unwrap(await services.panels.add(owner, panel))
    expect(await bringIn(reader, 'File')).toMatchObject({ readings: 1 })
    expect((await fromFiles(reader))[0]?.imported).toMatchObject({
      isOwn: true,
      counts: false,
      inPanel: true,
    })
    marked = (await fromFiles(reader))[0]?.slices[0]?.mask ?? marked
    expect(await fromFiles(other)).toEqual([])
    // Nobody drew anything: a file that does not count gives no consensus and no count.
    const before = await compare(reader)
    expect([before.consensus?.inputs, before.counts.outlined]).toEqual([[], 0])

    const id = await importId()
    expect(await services.comparisons.changeImport(reader, id, 'count')).toMatchObject({ ok: false })
    expect(await services.comparisons.changeImport(other, id, 'withdraw')).toMatchObject({
      refusal: { code: 'not-found' },
    })
    unwrap(await services.comparisons.changeImport(owner, id, 'count'))
    expect(await fromFiles(other)).toMatchObject([{ imported: { isOwn: false, counts: true } }])
    const after = await compare(reader)
    expect([after.consensus?.inputs, after.counts.outlined]).toEqual([[id], 1])
    unwrap(await services.comparisons.changeImport(owner, id, 'leave-out'))
    expect((await compare(reader)).counts.outlined).toBe(0)
  })

  test('a copy is known by what it marks, and a reading that is withdrawn stays in the log alone', async () => {
    const again = await bringIn(reader, 'Another name')
    expect(again).toMatchObject({ readings: 0, slices: 0 })
    expect(again.warnings.map(({ text }) => text).join()).toMatch(/pixel for pixel, the reading of File/)
    expect(await fromFiles(reader)).toHaveLength(1)

    unwrap(await services.comparisons.changeImport(reader, await importId(), 'withdraw'))
    expect(await fromFiles(owner)).toEqual([])
    const log = unwrap(await services.audit.entries(owner, 0)).map(({ act }) => act)
    expect(log.filter((act) => act.endsWith('import'))).toEqual([
      'import',
      'count-import',
      'leave-out-import',
      'withdraw-import',
    ])
    expect(unwrap(await services.audit.verify(owner)).whole).toBe(true)
  })

  test('a copy of what a peer committed does not come in beside it', async () => {
    const { columns: widthPx, rows: heightPx } = unwrap(
      library.seriesDetail(subject.kind === 'series' ? subject.seriesUid : ''),
    ).summary
    const pixels = new Uint8Array(widthPx * heightPx)
    const { originColumn, originRow, mask: box } = decodeBoxMask(marked)
    for (let row = 0; row < box.heightPx; row += 1) {
      const line = box.pixels.subarray(row * box.widthPx, (row + 1) * box.widthPx)
      pixels.set(line, (originRow + row) * widthPx + originColumn)
    }
    const change = { sliceIndex: 2, after: { widthPx, heightPx, pixels } }
    const edit = paintEdit(emptyDocument(widthPx, heightPx), {
      ...{ title: 'Brush', tool: 'brush', structureId: 'one', label: 'Nodule 1' },
      changes: [{ ...change, box: { column: 0, row: 0, widthPx, heightPx } }],
    })
    if (edit === null) throw new Error('nothing was painted')
    const panels = unwrap(await services.panels.list(other)).panels
    const panelId = panels[0]?.panelId ?? null
    const { attempt } = unwrap(await services.attempts.open(other, { subject, blind: false, panelId }))
    const entry = { entryId: crypto.randomUUID(), expectedRevision: 0, edit, undoes: null }
    unwrap(await services.attempts.append(other, attempt.attemptId, entry))
    const commit = { expectedRevision: 1, readingMs: 1, slicesSeen: 1 }
    unwrap(await services.attempts.commit(other, attempt.attemptId, commit))
    const copied = await bringIn(owner, 'Fifth reader')
    expect(copied.readings).toBe(0)
    expect(copied.warnings.map(({ text }) => text).join()).toMatch(/the reading of Peer \d/)
    expect((await compare(owner)).readings).toHaveLength(1)
  })
})
