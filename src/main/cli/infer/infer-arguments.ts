/** What `margin infer` was asked for. */
import { parseArgs } from 'node:util'
import { Draws, MAX_SAMPLES, NoduleKind, RunExportFormat } from '../../../contract'
import { shellWord } from '../../../core/words/shell-word'
import { UsageError } from '../command-io'

/** Where to look: 0-based image indices of pixel centres, and the number of the slice as the page counts, from 1. */
export interface PointAsked {
  readonly column: number
  readonly row: number
  readonly sliceNumber: number
}

export interface InferArguments {
  readonly path: string
  readonly seriesUid: string | null
  readonly lidcXml: string | null
  /** The point of `--at`, or the middle of `--box`. */
  readonly point: PointAsked | null
  /** Extent of `--box`, so that one larger than the model's crop can be refused. */
  readonly boxPx: { readonly width: number; readonly height: number } | null
  readonly modelId: string | null
  /** The second model of `--compare`; null draws with one. */
  readonly comparedId: string | null
  readonly samples: number
  readonly seed: number
  /** Not given: evenly where the package can. */
  readonly draws: Draws | undefined
  /** Runs on a picture that is almost black too. */
  readonly evenBlack: boolean
  /** Follow the lesion through the slices and measure it whole. */
  readonly wholeLesion: boolean
  /** What the nodule is made of, where it was said: guideline classes are counted only then. */
  readonly noduleKind: NoduleKind | null
  readonly outDir: string | null
  /** What goes out beside the files of every `--out`; empty: nothing. */
  readonly exportFormats: readonly RunExportFormat[]
  /** Name, number and dates of the patient on figures and report. */
  readonly patientFields: boolean
  /** A file for the table of a folder of photographs. */
  readonly csv: string | null
  /** Each photograph of a folder is told as a line once it is drawn. */
  readonly jsonLines: boolean
  /** The line that makes the run again, without where the files went. */
  readonly command: string
  /** The same line of another path. */
  readonly commandOf: (path: string) => string
  /** The same of the second model. */
  readonly comparedCommand: string
}

export const DEFAULT_SAMPLES = 100
export const DEFAULT_SEED = 1

/** A whole number in a range. Refused as wrong usage: anything else. */
export function wholeNumber(
  text: string | undefined,
  name: string,
  fallback: number,
  least: number,
  most: number,
): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}, not "${text}".`)
  }
  return value
}

/** Refused as wrong usage: another word. */
export function drawsAsked(text: string | undefined): Draws | undefined {
  const parsed = Draws.optional().safeParse(text)
  if (!parsed.success)
    throw new UsageError(`--draws takes ${Draws.options.join(' or ')}, not "${text ?? ''}".`)
  return parsed.data
}

/** Refused as wrong usage: another word, or a kind without the lesion that it is of. */
function noduleAsked(text: string | undefined, wholeLesion: boolean): NoduleKind | null {
  if (text === undefined) return null
  const parsed = NoduleKind.safeParse(text)
  if (!parsed.success) throw new UsageError(`--nodule takes ${NoduleKind.options.join(', ')}, not "${text}".`)
  if (!wholeLesion) throw new UsageError('--nodule goes with --whole-lesion: classes are of whole nodules.')
  return parsed.data
}

/** Refused as wrong usage: another word, or files without a folder to write them into. */
function formatsAsked(text: string | undefined, out: string | undefined): readonly RunExportFormat[] {
  if (text === undefined) return []
  if (out === undefined) throw new UsageError('--export goes with --out DIR, where its files are written.')
  if (text === 'all') return RunExportFormat.options
  const parsed = RunExportFormat.array().safeParse([...new Set(text.split(','))])
  if (!parsed.success)
    throw new UsageError(
      `--export takes all, or some of ${RunExportFormat.options.join(',')}, not "${text}".`,
    )
  return parsed.data
}

function numbers(text: string, name: string, form: string): readonly number[] {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (
    values.length !== form.split(',').length ||
    !values.every((value) => Number.isFinite(value) && value >= 0)
  ) {
    throw new UsageError(`--${name} takes ${form}, numbers from 0 on, not "${text}".`)
  }
  const slice = values.at(-1) ?? 0
  if (!Number.isInteger(slice) || slice < 1)
    throw new UsageError(`--${name}: the slice is a whole number from 1 on, as the page counts them.`)
  return values
}

function pointOf(at: string | undefined, box: string | undefined): Pick<InferArguments, 'point' | 'boxPx'> {
  if (at !== undefined && box !== undefined) throw new UsageError('Give --at or --box, not both.')
  if (at !== undefined) {
    const [column = 0, row = 0, sliceNumber = 1] = numbers(at, 'at', 'X,Y,SLICE')
    return { point: { column, row, sliceNumber }, boxPx: null }
  }
  if (box === undefined) return { point: null, boxPx: null }
  const [left = 0, top = 0, right = 0, bottom = 0, sliceNumber = 1] = numbers(box, 'box', 'X0,Y0,X1,Y1,SLICE')
  if (right < left || bottom < top) throw new UsageError('--box: X1 and Y1 are not below X0 and Y0.')
  return {
    point: { column: (left + right) / 2, row: (top + bottom) / 2, sliceNumber },
    boxPx: { width: right - left + 1, height: bottom - top + 1 },
  }
}

const option = { type: 'string' } as const
const OPTIONS = {
  series: option,
  'lidc-xml': option,
  at: option,
  box: option,
  model: option,
  compare: option,
  samples: option,
  seed: option,
  draws: option,
  'even-black': { type: 'boolean' },
  'whole-lesion': { type: 'boolean' },
  nodule: option,
  out: option,
  export: option,
  'patient-fields': { type: 'boolean' },
  csv: option,
  'json-lines': { type: 'boolean' },
} as const

/** Reads the arguments of `margin infer`. Throws UsageError where they make no sense. */
export function readInferArguments(args: readonly string[]): InferArguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: OPTIONS,
    strict: true,
    allowPositionals: true,
  })
  const [path, ...more] = positionals
  if (path === undefined) throw new UsageError('infer needs a folder or file.')
  if (more.length > 0) throw new UsageError(`infer takes one path; "${more.join(' ')}" is too much.`)
  const samples = wholeNumber(values.samples, 'samples', DEFAULT_SAMPLES, 1, MAX_SAMPLES)
  const seed = wholeNumber(values.seed, 'seed', DEFAULT_SEED, 0, Number.MAX_SAFE_INTEGER)
  if (values.compare !== undefined && values.compare === values.model)
    throw new UsageError('--compare takes another model than --model.')
  const commandWith = (of: string, model: string | undefined): string => {
    const named = (['series', 'lidc-xml', 'at', 'box'] as const).flatMap((name) => {
      const value = values[name]
      return value === undefined ? [] : [`--${name}`, shellWord(value)]
    })
    const by = model === undefined ? [] : ['--model', shellWord(model)]
    const whole = values['whole-lesion'] === true ? ['--whole-lesion'] : []
    const kind = values.nodule === undefined ? [] : ['--nodule', values.nodule]
    const drawn = ['--samples', `${samples}`, '--seed', `${seed}`]
    const black = values['even-black'] === true ? ['--even-black'] : []
    const words = [...named, ...by, ...whole, ...kind, ...drawn, ...black]
    return ['margin', 'infer', shellWord(of), ...words].join(' ')
  }
  return {
    path,
    seriesUid: values.series ?? null,
    lidcXml: values['lidc-xml'] ?? null,
    ...pointOf(values.at, values.box),
    modelId: values.model ?? null,
    comparedId: values.compare ?? null,
    samples,
    seed,
    draws: drawsAsked(values.draws),
    evenBlack: values['even-black'] === true,
    wholeLesion: values['whole-lesion'] === true,
    noduleKind: noduleAsked(values.nodule, values['whole-lesion'] === true),
    outDir: values.out ?? null,
    exportFormats: formatsAsked(values.export, values.out),
    patientFields: values['patient-fields'] === true,
    csv: values.csv ?? null,
    jsonLines: values['json-lines'] === true,
    command: commandWith(path, values.model),
    commandOf: (of) => commandWith(of, values.model),
    comparedCommand: commandWith(path, values.compare),
  }
}
