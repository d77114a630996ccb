/** `margin demo`: the built-in case, made on disk and run through the same path as `infer`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { accept, type Draws, type InferReport, MAX_SAMPLES, type Result } from '../../contract'
import { writeWholeFile } from '../workspace/whole-file'
import { type DemoCase, writeDemoCase } from '../demo/write-demo-case'
import type { Services } from '../app/services'
import { type CommandIo, UsageError } from './command-io'
import { failed, inferPlan, type InferRun } from './infer/infer'
import {
  DEFAULT_SAMPLES,
  DEFAULT_SEED,
  drawsAsked,
  type InferArguments,
  wholeNumber,
} from './infer/infer-arguments'
import { type ImageAsked, planInference } from './infer/infer-targets'

/** The report of the CT case; that of the photograph stands beside it, since another model drew it. */
export type DemoReport = InferReport & { readonly photograph: InferReport }

interface DemoAsked {
  readonly outDir: string | null
  readonly samples: number
  readonly seed: number
  readonly draws: Draws | undefined
  readonly command: string
}

function readDemoArguments(args: readonly string[]): DemoAsked {
  const option = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { out: option, samples: option, seed: option, draws: option },
    strict: true,
    allowPositionals: false,
  })
  const samples = wholeNumber(values.samples, 'samples', DEFAULT_SAMPLES, 1, MAX_SAMPLES)
  const seed = wholeNumber(values.seed, 'seed', DEFAULT_SEED, 0, Number.MAX_SAFE_INTEGER)
  if (values.out === '') throw new UsageError('--out takes a folder.')
  return {
    outDir: values.out ?? null,
    samples,
    seed,
    draws: drawsAsked(values.draws),
    command: `margin demo --samples ${samples} --seed ${seed}`,
  }
}

type Part = Pick<InferArguments, 'path' | 'lidcXml'> & { readonly folder: string }

async function inferPart(
  services: Services,
  part: Part,
  asked: DemoAsked,
  io: CommandIo,
): Promise<Result<InferReport>> {
  const { samples, seed, draws, command, outDir } = asked
  const whole: InferRun & ImageAsked = {
    path: part.path,
    lidcXml: part.lidcXml,
    seriesUid: null,
    point: null,
    boxPx: null,
    modelId: null,
    wholeLesion: false,
    noduleKind: null,
    exportFormats: [],
    patientFields: false,
    csv: null,
    samples,
    seed,
    draws,
    evenBlack: false,
    command,
    outDir: outDir === null ? null : join(outDir, part.folder),
  }
  const plan = await planInference(services, whole, io)
  return plan.ok ? inferPlan(services, plan.value, whole, io) : plan
}

async function inferCase(
  services: Services,
  places: DemoCase,
  asked: DemoAsked,
  io: CommandIo,
): Promise<Result<DemoReport>> {
  const lesion = { path: places.seriesFolder, lidcXml: places.readingsPath, folder: 'ct' }
  const ct = await inferPart(services, lesion, asked, io)
  if (!ct.ok) return ct
  const vessels = { path: places.photographPath, lidcXml: null, folder: 'fundus' }
  const photograph = await inferPart(services, vessels, asked, io)
  if (!photograph.ok) return photograph
  const below = (folder: string, report: InferReport): string[] =>
    report.files.map((file) => `${folder}/${file}`)
  return accept({
    ...ct.value,
    files: [...below('ct', ct.value), ...below('fundus', photograph.value)],
    photograph: photograph.value,
  })
}

/** Without --out the case lies in a folder of its own that goes when the command ends. */
async function withFolder<T>(outDir: string | null, use: (folder: string) => Promise<T>): Promise<T> {
  if (outDir !== null) return use(outDir)
  const folder = await mkdtemp(join(tmpdir(), 'margin-demo-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Prints a DemoReport as one line of JSON. Returns 0 when done, 1 when refused. */
export async function runDemo(args: readonly string[], io: CommandIo): Promise<number> {
  const read = readDemoArguments(args)
  const asked = { ...read, outDir: read.outDir === null ? null : resolve(io.cwd, read.outDir) }
  return withFolder(asked.outDir, async (folder) => {
    io.err('Making the built-in case.')
    const places = await writeDemoCase(join(folder, 'case'), io.signal)
    const report = await inferCase(await io.services(), places, asked, io)
    if (!report.ok) return failed(report.refusal, io)
    if (asked.outDir !== null) {
      await writeWholeFile(join(asked.outDir, 'report.json'), `${JSON.stringify(report.value, null, 2)}\n`)
    }
    io.out(JSON.stringify(report.value))
    return 0
  })
}
