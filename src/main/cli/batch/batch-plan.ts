/** From what was found to the items of a batch: which line of `margin infer` draws each, and what it reads. */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { accept, type BatchTask, type BatchModel, refuse, type Refusal, type Result } from '../../../contract'
import type {
  BatchManifest,
  ImageSummary,
  ItemSubject,
  ModelModality,
  SeriesSummary,
} from '../../../contract'
import { modelModality } from '../../../core/subject/modalities'
import { kindOf } from '../../../core/subject/subject-kinds'
import type { Services } from '../../app/services'
import { chooseModel } from '../../inference/run-target'
import { isInside, realPath } from '../../library/roots'
import { readPackage } from '../../registry/package'
import { version } from '../../version'
import { folderOfPhotograph, isOwnFile } from '../infer/infer-targets'
import { itemsByName } from '../infer/item-names'
import type { BatchArguments } from './batch-arguments'
import { contentOf, sizesOf } from './fingerprint'
import { type GivenPath, namedBy, placeOfFiles } from './given-paths'
import type { PointOfSeries } from './points-table'

/** An item, or why there can be none although it was asked for. */
export interface PlannedTask {
  readonly itemId: string
  readonly subject: ItemSubject
  readonly planned: Result<BatchTask>
}

export interface BatchPlan {
  readonly items: readonly PlannedTask[]
  readonly models: readonly BatchModel[]
  readonly leftOut: BatchManifest['leftOut']
}

export interface PlanGround {
  readonly services: Services
  readonly asked: BatchArguments
  readonly paths: readonly GivenPath[]
  readonly points: readonly PointOfSeries[] | null
  readonly cwd: string
  /** Absolute. */
  readonly out: string
}

/** What is known of an item before its model and its fingerprint are. */
interface Draft {
  readonly name: string
  readonly subject: ItemSubject
  readonly modality: ModelModality
  /** Path and where to look, of `margin infer`; or why it cannot be asked. */
  readonly words: Result<readonly string[]>
  readonly files: readonly string[]
  /** What stands for the content of what is read. */
  readonly content: string
}

/** Plans every item, in the order of their names. Refused: a model that is not there or is refused itself. */
export async function planBatch(ground: PlanGround): Promise<Result<BatchPlan>> {
  const { leftOut, drafts } =
    ground.points === null ? await found(ground) : await atPoints(ground, ground.points)
  const models = await modelsOf(ground, new Set(drafts.map(({ modality }) => modality)))
  if (!models.ok) return models
  const items = itemsByName(drafts, ({ name }) => name).map(([itemId, draft]) =>
    itemOf(ground, models.value, itemId, draft),
  )
  return accept({ items, models: [...models.value.values()], leftOut })
}

interface Found {
  readonly drafts: readonly Draft[]
  readonly leftOut: BatchManifest['leftOut']
}

/** Nodules that were read, and photographs. */
async function found(ground: PlanGround): Promise<Found> {
  const { series, images } = ground.services.library.current()
  const each = [
    ...(await Promise.all(series.map((one) => readSeries(ground, one)))),
    ...(await Promise.all(images.map((image) => photograph(ground, image)))),
  ]
  return { drafts: each.flatMap(({ drafts }) => drafts), leftOut: each.flatMap(({ leftOut }) => leftOut) }
}

const left = (what: string, reason: string): Found => ({ drafts: [], leftOut: [{ what, reason }] })

async function readSeries(ground: PlanGround, { seriesUid, modality }: SeriesSummary): Promise<Found> {
  const { library } = ground.services
  const what = `series ${seriesUid}`
  const drawn = modelModality(modality)
  if (drawn === null)
    return left(what, `No model draws on ${modality === '' ? 'an unnamed modality' : modality}.`)
  const beside = library
    .current()
    .annotations.filter((one) => one.kind === 'lidc-xml' && one.seriesUid === seriesUid)
  if (beside.length === 0) return left(what, 'No LIDC readings lie beside it; --points names places on it.')
  const drafts: Draft[] = []
  const leftOut: { what: string; reason: string }[] = []
  for (const { annotationId, path } of beside) {
    const file = library.annotationFile(annotationId)
    const readings = file === null ? null : namedBy(ground.paths, file)
    if (file === null || readings === null) {
      leftOut.push({ what: `${what}, ${path}`, reason: 'Its readings lie in an archive: unpack it.' })
      continue
    }
    const subject: ItemSubject = { kind: 'readings', seriesUid, readings }
    const more = ['--lidc-xml', readings]
    const name = beside.length === 1 ? seriesUid : `${seriesUid}-${path.replace(/^.*[\\/]|\.\w+$/g, '')}`
    drafts.push(
      await seriesDraft(ground, { name, subject, modality: drawn, seriesUid, more, beside: [file] }),
    )
  }
  return { drafts, leftOut }
}

async function seriesDraft(
  { services: { library }, paths }: PlanGround,
  asked: Pick<Draft, 'name' | 'subject' | 'modality'> & {
    readonly seriesUid: string
    readonly more: readonly string[]
    readonly beside: readonly string[]
  },
): Promise<Draft> {
  const { name, subject, modality, seriesUid, more } = asked
  const files = library.filesOf({ kind: 'series', seriesUid })
  const place = placeOfFiles(files)
  const path = place === null ? null : namedBy(paths, place)
  const words: Draft['words'] =
    path === null
      ? refuse(
          'request-invalid',
          `The files of series ${seriesUid} lie in more than one of the given paths.`,
          {
            next: 'Give the folder above them.',
          },
        )
      : accept([path, '--series', seriesUid, ...more])
  const detail = library.seriesDetail(seriesUid)
  const slices = detail.ok ? detail.value.slices.map((slice) => `${slice.sopInstanceUid} ${slice.frame}`) : []
  const content = [...slices, await sizesOf(files), await contentOf(asked.beside)].join('\n')
  return { name, subject, modality, words, files, content }
}

async function photograph(ground: PlanGround, { imageId, path }: ImageSummary): Promise<Found> {
  const { library } = ground.services
  const [file] = library.filesOf({ kind: 'image', imageId })
  const shown = file === undefined ? null : namedBy(ground.paths, file)
  if (file === undefined || shown === null || !isOwnFile(imageId, file))
    return left(path, 'It lies in an archive: unpack it.')
  const folder = await realPath(folderOfPhotograph(file))
  const beside = library
    .current()
    .annotations.filter((one) => one.imageId === imageId)
    .flatMap(({ annotationId }) => library.annotationFile(annotationId) ?? [])
    // As far as infer looks, so that both find the same readers.
    .filter((one) => folder.ok && isInside(folder.value, one))
    .sort()
  const files = [file, ...beside]
  const draft: Draft = {
    // Whatever way the path was given in, the folder has one name.
    name: (namedBy(byTheirNames(ground.paths), file) ?? shown).replace(/\.\w+$/, ''),
    subject: { kind: 'photograph', path: shown },
    modality: kindOf({ kind: 'image' }).modality,
    words: accept([shown]),
    files,
    content: await contentOf(files),
  }
  return { drafts: [draft], leftOut: [] }
}

const byTheirNames = (paths: readonly GivenPath[]): readonly GivenPath[] =>
  paths.map(({ real }) => ({ real, given: basename(real) }))

async function atPoints(ground: PlanGround, points: readonly PointOfSeries[]): Promise<Found> {
  const open = new Map(ground.services.library.current().series.map((one) => [one.seriesUid, one]))
  const drafts = points.map((point): Promise<Draft> => {
    const { seriesUid, column, row, sliceNumber } = point
    const subject: ItemSubject = { kind: 'point', ...point }
    const modality = kindOf({ kind: 'series' }).modality
    const name = `${seriesUid}-column-${column}-row-${row}-slice-${sliceNumber}`
    const more = ['--at', `${column},${row},${sliceNumber}`]
    if (open.has(seriesUid))
      return seriesDraft(ground, { name, subject, modality, seriesUid, more, beside: [] })
    const words = refuse('not-found', `No series ${seriesUid} was found.`, {
      next: 'Give the path that holds it.',
    })
    return Promise.resolve({ name, subject, modality, words, files: [], content: '' })
  })
  return { drafts: await Promise.all(drafts), leftOut: [] }
}

/** The package of each modality that is drawn. */
async function modelsOf(
  { services, asked }: PlanGround,
  modalities: ReadonlySet<ModelModality>,
): Promise<Result<ReadonlyMap<ModelModality, BatchModel>>> {
  const installed = await services.models.list()
  const asModality = (id: string): ModelModality | null =>
    installed.find((model) => model.id === id)?.manifest?.modality ?? null
  const unknown = asked.modelIds.find((id) => asModality(id) === null)
  if (unknown !== undefined)
    return refuse('model-missing', `There is no model "${unknown}".`, { next: '"margin models" lists them.' })
  const models = new Map<ModelModality, BatchModel>()
  for (const modality of [...modalities].sort()) {
    const own = asked.modelIds.filter((id) => asModality(id) === modality)
    if (own.length > 1)
      return refuse('request-invalid', `Two models are named for ${modality}: ${own.join(', ')}.`)
    const chosen = chooseModel(installed, modality, own[0] ?? null)
    if (!chosen.ok) return chosen
    const read = (await readPackage(chosen.value.path)).package
    if (!read.ok) return read
    models.set(modality, { id: chosen.value.id, modality, sha256: read.value.sha256 })
  }
  return accept(models)
}

function itemOf(
  { asked, cwd, out }: PlanGround,
  models: ReadonlyMap<ModelModality, BatchModel>,
  itemId: string,
  { subject, modality, words, files, content }: Draft,
): PlannedTask {
  const model = models.get(modality)
  if (!words.ok || model === undefined)
    return { itemId, subject, planned: words.ok ? noModel(modality) : words }
  const whole = subject.kind === 'photograph' ? [] : asked.lesionWords
  const told = [...words.value, '--model', model.id, ...whole, ...asked.words]
  const hash = createHash('sha256').update(JSON.stringify([told, model, version, content]))
  const item: BatchTask = {
    ...{ itemId, words: told, cwd, files: [...files], out, model, version },
    fingerprint: hash.digest('hex'),
  }
  return { itemId, subject, planned: accept(item) }
}

const noModel = (modality: ModelModality): { readonly ok: false; readonly refusal: Refusal } =>
  refuse('model-missing', `No model for ${modality} is installed.`)
