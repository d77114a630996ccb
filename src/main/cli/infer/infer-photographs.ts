/** `margin infer` on a folder of photographs: the vessels of each, one after another, and a table of all. */
import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import {
  accept,
  type ImageSummary,
  type InferReport,
  type PhotographRow,
  type PhotographTable,
  refuse,
  type Result,
} from '../../../contract'
import {
  drawnInOrder,
  drawnRow,
  failedRow,
  photographCsv,
  unreadRow,
} from '../../../core/exchange/bundle/photograph-table'
import type { Services } from '../../app/services'
import { commandAsRun } from '../../figures/infer-report'
import { realPath } from '../../library/roots'
import { researchUse } from '../../version'
import { writeWholeFile } from '../../workspace/whole-file'
import { namedBy } from '../batch/given-paths'
import { type CommandIo, UsageError } from '../command-io'
import { failed, inferPlan } from './infer'
import type { InferArguments } from './infer-arguments'
import { isOwnFile, planPhotograph } from './infer-targets'
import { itemsByName } from './item-names'

type Row = PhotographTable['photographs'][number]

interface Drawn {
  readonly row: Row
  readonly run: InferReport['run'] | null
}

/** Prints the table of all. Returns 0 when every photograph was drawn, else 1; one that fails stops no other. */
export async function inferPhotographs(
  services: Services,
  images: readonly ImageSummary[],
  asked: InferArguments,
  io: CommandIo,
): Promise<number> {
  if (asked.comparedId !== null) throw new UsageError('--compare is of one photograph: name its file.')
  const place = await tablePlace(asked, io)
  if (!place.ok) return failed(place.refusal, io)
  const itemIds = new Map(
    itemsByName(images, ({ path }) => path.replace(/\.\w+$/, '')).map(([itemId, image]) => [image, itemId]),
  )
  const items = drawnInOrder(images)
  const drawn: Drawn[] = []
  for (const image of items) {
    const own = await askedOf(services, image, itemIds.get(image) ?? image.imageId, asked, io)
    const one = await drawOne(services, image, own, io)
    if (io.signal.aborted) break
    drawn.push(one)
    const { row } = one
    const done = drawn.length
    const how = row.refusal === null ? 'done' : `failed: ${row.refusal.reason}`
    io.err(`${done} of ${items.length}: ${row.path} ${how}`)
    if (asked.jsonLines) io.out(JSON.stringify({ photograph: row, done, of: items.length }))
  }
  const unread = services.library.current().refused.flatMap((refusal) => unreadRow(refusal) ?? [])
  for (const { path, refusal } of unread) io.err(`${path} failed: ${refusal?.reason ?? ''}`)
  const table = tableOf(drawn, unread, items.length, asked)
  if (place.value !== null) await writeWholeFile(place.value, photographCsv(table.photographs, table.run))
  const left = table.left === 0 ? '' : ` Stopped: ${table.left} were not come to.`
  io.err(`${table.done} done, ${table.failed} failed.${left}`)
  io.out(JSON.stringify(table))
  return table.failed + table.left === 0 ? 0 : 1
}

/** Where the table goes, its folder made before anything is drawn; null: nowhere but to the standard output. */
async function tablePlace({ csv, outDir }: InferArguments, io: CommandIo): Promise<Result<string | null>> {
  const path = csv ?? (outDir === null ? null : join(outDir, 'photographs.csv'))
  if (path === null) return accept(null)
  const place = resolve(io.cwd, path)
  try {
    await mkdir(dirname(place), { recursive: true })
    return accept(place)
  } catch {
    return refuse('file-unreadable', `The folder ${dirname(place)} cannot be made.`, {
      path,
      next: 'Name another file with --csv.',
    })
  }
}

/** As the line with the photograph's own file asks it; its files in a folder of their own. */
async function askedOf(
  { library }: Services,
  { imageId }: ImageSummary,
  itemId: string,
  asked: InferArguments,
  io: CommandIo,
): Promise<InferArguments> {
  const outDir = asked.outDir === null ? null : join(asked.outDir, itemId)
  const [file] = library.filesOf({ kind: 'image', imageId })
  const root = await realPath(resolve(io.cwd, asked.path))
  // One in an archive has no line of its own.
  const path =
    file !== undefined && root.ok && isOwnFile(imageId, file)
      ? namedBy([{ given: asked.path, real: root.value }], file)
      : null
  return { ...asked, outDir, command: asked.commandOf(path ?? asked.path) }
}

async function drawOne(
  services: Services,
  image: ImageSummary,
  asked: InferArguments,
  io: CommandIo,
): Promise<Drawn> {
  const report = await reportOf(services, image, asked, io)
  if (!report.ok) return { row: { ...failedRow(image, report.refusal), pixelsSha256: null }, run: null }
  const { run, image: reported, targets } = report.value
  const [vessels] = targets
  const row: PhotographRow = drawnRow(image, {
    sizes: vessels?.sizes ?? {},
    warnings: vessels?.slices.flatMap(({ warnings }) => warnings) ?? [],
  })
  const pixelsSha256 = reported?.kind === 'image' ? reported.pixelsSha256 : null
  return { row: { ...row, pixelsSha256 }, run }
}

/** A mistake of the program, or a disk that gives way, ends the photograph and not the others. */
async function reportOf(
  services: Services,
  image: ImageSummary,
  asked: InferArguments,
  io: CommandIo,
): Promise<Result<InferReport>> {
  const quiet: CommandIo = { ...io, err: () => undefined }
  try {
    const plan = await planPhotograph(services, image)
    return plan.ok ? await inferPlan(services, plan.value, asked, quiet) : plan
  } catch (error) {
    return refuse('internal', error instanceof Error ? error.message : 'It failed.', {
      next: 'Draw it alone, with its file named.',
    })
  }
}

function tableOf(
  drawn: readonly Drawn[],
  unread: readonly PhotographRow[],
  all: number,
  asked: InferArguments,
): PhotographTable {
  const rows = [...drawn.map(({ row }) => row), ...unread.map((row) => ({ ...row, pixelsSha256: null }))]
  const run = drawn.find((one) => one.run !== null)?.run ?? null
  const done = rows.filter(({ state }) => state === 'done').length
  return {
    run: run === null ? null : { ...run, command: commandAsRun(asked.command, run) },
    photographs: rows,
    ...{ done, failed: rows.length - done, left: all - drawn.length },
    researchUse,
  }
}
