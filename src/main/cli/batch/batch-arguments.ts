/** What `margin batch` was asked for. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { UsageError } from '../command-io'
import { readInferArguments, wholeNumber } from '../infer/infer-arguments'

export interface BatchArguments {
  readonly paths: readonly string[]
  readonly out: string
  /** A table of points; null: what lies beside the images is measured. */
  readonly points: string | null
  /** Models that were named; for the other kind of image the preferred one draws. */
  readonly modelIds: readonly string[]
  /** Of `margin infer`, for every item. */
  readonly words: readonly string[]
  /** Those that say something of a whole lesion, and so of no photograph. */
  readonly lesionWords: readonly string[]
  readonly workers: number
  /** Of the scheduler of a Dask cluster; null: workers of this computer. */
  readonly address: string | null
}

/** A worker draws with two threads and makes its files with a third. */
const CORES_A_WORKER = 2
const MOST_WORKERS = 256

const option = { type: 'string' } as const
const OPTIONS = {
  out: option,
  points: option,
  model: { ...option, multiple: true },
  samples: option,
  seed: option,
  draws: option,
  'even-black': { type: 'boolean' },
  'whole-lesion': { type: 'boolean' },
  nodule: option,
  export: option,
  'patient-fields': { type: 'boolean' },
  workers: option,
  address: option,
} as const

const readWords = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: true })
type Values = ReturnType<typeof readWords>['values']

const given = (name: string, value: string | undefined): readonly string[] =>
  value === undefined ? [] : [`--${name}`, value]
const flag = (name: string, value: boolean | undefined): readonly string[] =>
  value === true ? [`--${name}`] : []

function wordsOf(values: Values): readonly string[] {
  return [
    ...given('samples', values.samples),
    ...given('seed', values.seed),
    ...given('draws', values.draws),
    ...flag('even-black', values['even-black']),
    ...given('export', values.export),
    ...flag('patient-fields', values['patient-fields']),
  ]
}

/** Reads the arguments of `margin batch`. Throws UsageError where they make no sense, before anything is opened. */
export function readBatchArguments(args: readonly string[]): BatchArguments {
  const { values, positionals } = readWords(args)
  if (positionals.length === 0) throw new UsageError('batch needs folders or files.')
  if (values.out === undefined || values.out === '') throw new UsageError('batch needs --out DIR.')
  if (values.address !== undefined && values.workers !== undefined)
    throw new UsageError('--workers are of this computer; with --address the cluster has its own.')
  const words = wordsOf(values)
  const lesionWords = [...flag('whole-lesion', values['whole-lesion']), ...given('nodule', values.nodule)]
  // What infer takes and what it does not is said by infer.
  readInferArguments(['item', '--at', '0,0,1', '--out', 'item', ...words, ...lesionWords])
  const idle = Math.max(1, Math.floor(availableParallelism() / CORES_A_WORKER))
  return {
    paths: positionals,
    out: values.out,
    points: values.points ?? null,
    modelIds: values.model ?? [],
    words,
    lesionWords,
    address: values.address ?? null,
    workers: wholeNumber(values.workers, 'workers', Math.min(idle, MOST_WORKERS), 1, MOST_WORKERS),
  }
}
