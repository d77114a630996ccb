import { MODALITIES } from '../../../core/subject/modalities'
import type { InstalledModel, Manifest } from '../../../contract'
import { drawsOneOutline } from '../../../core/sampling/one-outline'
import {
  formatCount,
  formatDice,
  formatGed,
  formatInterval,
  formatNumber,
  formatPlural,
  NO_BREAK,
  TIMES,
} from '../../../core/words/numbers'

const KINDS: { readonly [kind in Manifest['kind']]: string } = {
  'cflow-planar': 'cFlow Net, planar flow',
  'cflow-glow': 'cFlow Net, Glow flow',
  probunet: 'Probabilistic U-Net',
  unet: 'U-Net',
}

/** Said wherever spread would stand, of a model without a latent. */
export const NO_UNCERTAINTY = 'This model draws one outline: it has no uncertainty.'

export const kindWords = (manifest: Manifest): string =>
  drawsOneOutline(manifest) ? `${KINDS[manifest.kind]}, one outline` : KINDS[manifest.kind]

/** What a package answers with. */
export const drawsWords = (manifest: Manifest): string =>
  drawsOneOutline(manifest) ? 'one outline, no uncertainty' : 'samples'

export const usedFor = (modality: Manifest['modality']): string => MODALITIES[modality].usedFor

/** A size on disk: `8.4 MB` of 10^6 bytes, `62 kB` below a tenth of one. */
const diskWords = (sizeBytes: number): string =>
  sizeBytes < 1e5
    ? `${formatCount(sizeBytes / 1e3)}${NO_BREAK}kB`
    : `${formatNumber(sizeBytes / 1e6, sizeBytes < 1e7 ? 1 : 0)}${NO_BREAK}MB`

/** A name and its value, in the order of reading. */
export interface ModelFact {
  readonly name: string
  readonly value: string
}

/** What a package is, what it reads and how it was trained; what a manifest does not say is left out. */
export function modelFacts(model: InstalledModel): readonly ModelFact[] {
  const { manifest } = model
  if (manifest === null) return []
  const { data, steps, seed, hardware, wallSeconds } = manifest.training
  const trained = [
    ...(steps > 0 ? [formatPlural(steps, 'step')] : []),
    ...(wallSeconds === undefined ? [] : [hours(wallSeconds)]),
    hardware,
  ]
  return [
    { name: 'Kind', value: kindWords(manifest) },
    { name: 'Draws', value: drawsWords(manifest) },
    { name: 'Structure', value: manifest.structure },
    { name: 'Sees', value: inputWords(manifest) },
    ...(data === undefined
      ? []
      : [
          { name: 'Data', value: `${data.name} (${data.licence})` },
          {
            name: 'Learned from',
            value: `${formatPlural(data.images, 'image')} of ${formatPlural(data.cases, 'patient')}, ${readersWords(data.raters)}`,
          },
          { name: 'Split', value: data.split },
        ]),
    { name: 'Trained', value: `${trained.join(', ')}; seed${NO_BREAK}${seed}` },
    { name: 'Made', value: manifest.createdAt.slice(0, 10) },
    { name: 'Size', value: diskWords(model.sizeBytes) },
    { name: 'Licence', value: manifest.licence },
  ]
}

const readersWords = (raters: number): string =>
  raters === 1 ? 'one reading of each' : `${formatCount(raters)} readings of each`

function hours(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  return minutes < 60
    ? `${minutes}${NO_BREAK}min`
    : `${Math.floor(minutes / 60)}${NO_BREAK}h ${minutes % 60}${NO_BREAK}min`
}

function inputWords({ input }: Manifest): string {
  const { sizePx, heightPx, intensity } = input
  const size =
    sizePx === null
      ? `the whole photograph, scaled to a height of ${heightPx ?? 0}${NO_BREAK}px`
      : `a crop of ${sizePx}${NO_BREAK}${TIMES}${NO_BREAK}${sizePx}${NO_BREAK}px`
  const around = intensity.kind === 'cropMinMax' && intensity.contextPx !== sizePx
  return around ? `${size}, greys scaled by the ${intensity.contextPx}${NO_BREAK}px around it` : size
}

/** A measured result of a package on patients that were kept back. */
export interface ModelResult {
  readonly measure: string
  readonly value: string
  readonly interval: string
  readonly convention: string
}

/**
 * Measures worth a glance, with the names that the page uses, in the order of reading. What is averaged over the noise
 * comes before the one draw of it that older packages hold, and stands in its place.
 */
const MEASURES: readonly (readonly [measure: string, name: string, format: (value: number) => string])[] = [
  ['GED_V@1', 'GED, one outline', formatGed],
  ['GED_V@16, expected', 'GED, 16 samples', formatGed],
  ['GED_V@16', 'GED, 16 samples', formatGed],
  ['GED_V@16, even', 'GED, 16 spread evenly', formatGed],
  ['GED_V@100', 'GED, 100 samples', formatGed],
  ['GED_V@100, even', 'GED, 100 spread evenly', formatGed],
  ['model error', 'GED, model error alone', formatGed],
  ['HM-IoU@1', 'HM-IoU, one outline', formatDice],
  ['HM-IoU@16, expected', 'HM-IoU, 16 samples', formatDice],
  ['HM-IoU@16', 'HM-IoU, 16 samples', formatDice],
  ['Dice(a)@1', 'Dice with the readers', formatDice],
  ['Dice(a)@100', 'Dice, majority of samples', formatDice],
]

/** The results of a package itself on its test part, by its first protocol, and on how many pictures. */
export function modelResults({ results }: Manifest): {
  readonly rows: readonly ModelResult[]
  readonly count: number
  readonly protocol: string
} {
  const [first] = results
  const own = results.filter(
    ({ data, baseline, protocol }) =>
      data === 'test' && (baseline ?? false) === false && protocol === first?.protocol,
  )
  const rows = MEASURES.flatMap(([measure, name, format]) =>
    own
      .filter((result) => result.measure === measure)
      .map((result) => ({
        measure: name,
        value: format(result.value),
        interval:
          result.interval === null
            ? ''
            : formatInterval(format(result.interval[0]), format(result.interval[1])),
        convention: result.convention ?? '',
      })),
  )
  const once = rows.filter(({ measure }, at) => rows.findIndex((row) => row.measure === measure) === at)
  return { rows: once, count: own[0]?.n ?? 0, protocol: first?.protocol ?? '' }
}

/** The first result in a line, for the list; empty where nothing was measured. */
export function resultLine(manifest: Manifest): string {
  const [first] = modelResults(manifest).rows
  return first === undefined ? 'not measured' : `${first.measure} ${first.value} ${first.interval}`.trim()
}

/** The package that draws for a kind of picture, and why it is not the chosen one where it is not. */
export function modelInUse(
  models: readonly InstalledModel[],
  ready: readonly InstalledModel[],
  chosenId: string | null,
): { readonly model: InstalledModel | null; readonly insteadOf: string | null } {
  const chosen = ready.find(({ id }) => id === chosenId)
  const model = chosen ?? ready[0] ?? null
  if (chosenId === null || chosen !== undefined || model === null) return { model, insteadOf: null }
  const why = models.some(({ id }) => id === chosenId) ? 'is refused' : 'is no longer installed'
  return { model, insteadOf: `${chosenId}, which you chose, ${why}. ${model.id} draws in its place.` }
}
