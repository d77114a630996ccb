/** What `margin infer` draws: sampled outlines of a lesion or of the vessels of a photograph, as numbers and, with --out, as files. */
import { placeOfTarget, subjectOfTarget } from '../../../core/subject/subject'
import { resolve } from 'node:path'
import {
  accept,
  type InferReport,
  type Reading,
  refuse,
  type Refusal,
  type Result,
  RunExportFormat,
} from '../../../contract'
import { type CountedStack, countedStack, sliceNumber } from '../../../core/geometry/slice-number'
import { writeDrawn } from '../../../core/exchange/drawn/write-drawn'
import type { NamedFile } from '../../../core/files/named-file'
import { inflate } from '../../exchange/image-of-subject'
import { FORMATS_OF_PHOTOGRAPHS, prepareExport } from '../../exports/export-files'
import { collectRun, type CollectedRun } from '../../figures/collect-run'
import { inferReport, type ReportedTarget } from '../../figures/infer-report'
import { reportedImage } from '../../figures/reported-image'
import { writeRunFiles } from '../../figures/write-run-files'
import { collectLesion } from '../../lesions/collect-lesion'
import { printedLesion } from '../../lesions/printed-lesion'
import type { Services } from '../../app/services'
import type { CommandIo } from '../command-io'
import type { InferArguments } from './infer-arguments'
import type { InferPlan, InferTarget } from './infer-targets'

/** What was asked for, less what is only told by the arguments of `infer`. */
export type InferRun = Pick<
  InferArguments,
  | 'modelId'
  | 'samples'
  | 'seed'
  | 'draws'
  | 'evenBlack'
  | 'boxPx'
  | 'outDir'
  | 'command'
  | 'wholeLesion'
  | 'noduleKind'
  | 'exportFormats'
  | 'patientFields'
>

function tooLarge(run: CollectedRun, { boxPx }: InferRun): Refusal | null {
  const { widthPx, heightPx } = run.grid
  if (boxPx === null || (boxPx.width <= widthPx && boxPx.height <= heightPx)) return null
  return {
    code: 'request-invalid',
    reason: `The box has ${boxPx.width} × ${boxPx.height} pixels; the model's crop has ${widthPx} × ${heightPx}.`,
    next: 'Give a smaller box, or its middle with --at.',
  }
}

/** At a point no structure is named: the readings are those that the run was compared with. */
function comparedReadings(
  { readings }: Services,
  target: InferTarget,
  runs: readonly CollectedRun[],
): readonly Reading[] {
  const [at] = target.runs
  const set = at === undefined || placeOfTarget(at) === null ? null : readings.of(subjectOfTarget(at))
  const ids = new Set(
    runs.flatMap(({ report }) => report.agreement?.readers.map((reader) => reader.readingId) ?? []),
  )
  const structure = set?.structures.find((each) =>
    each.readings.some((reading) => ids.has(reading.readingId)),
  )
  return structure?.readings ?? []
}

async function runTarget(
  services: Services,
  target: InferTarget,
  asked: InferRun,
  stack: CountedStack | null,
  io: CommandIo,
): Promise<Result<ReportedTarget>> {
  const runs: CollectedRun[] = []
  for (const [index, at] of target.runs.entries()) {
    const { modelId, samples, seed, draws, evenBlack } = asked
    const request = {
      ...{ target: at, modelId, samples, seed },
      ...(draws === undefined ? {} : { draws }),
      ...(evenBlack ? { evenBlack } : {}),
    }
    const run = await collectRun(services.runs, request, io.signal)
    if (!run.ok) return run
    const refusal = tooLarge(run.value, asked)
    if (refusal !== null) return { ok: false, refusal }
    runs.push(run.value)
    const place = placeOfTarget(at)
    const where =
      place !== null && stack !== null
        ? `, slice ${sliceNumber(stack, place.sliceIndex)} (${index + 1} of ${target.runs.length})`
        : ''
    const drawn =
      run.value.run.uncertainty === 'none'
        ? 'one outline; this model has no uncertainty'
        : `${run.value.masks.length} samples`
    io.err(`${target.label}${where}: ${drawn}.`)
  }
  const readings = target.structure?.readings ?? comparedReadings(services, target, runs)
  return accept({ id: target.id, label: target.label, runs, readings })
}

/** The lesion followed from where it was asked for: the point, or the middle of what readers drew. */
async function runLesion(
  services: Services,
  target: InferTarget,
  { modelId, samples, seed, draws, noduleKind }: InferRun,
  stack: CountedStack | null,
  io: CommandIo,
): Promise<Result<ReportedTarget>> {
  const [at] = target.runs
  const place = at === undefined ? null : placeOfTarget(at)
  if (place === null) return refuse('request-invalid', 'A photograph has no lesion to follow.')
  const centre = target.structure?.centre ?? {}
  const request = {
    target: { ...place, ...centre },
    modelId,
    samples,
    seed,
    ...(draws === undefined ? {} : { draws }),
  }
  const lesion = await collectLesion(services, request, io.signal, (sliceIndex, isInLesion) => {
    const where = stack === null ? '' : `, slice ${sliceNumber(stack, sliceIndex)}`
    io.err(`${target.label}${where}: ${isInLesion ? 'part of the lesion' : 'outside the lesion'}.`)
  })
  if (!lesion.ok) return lesion
  const { runs, whole } = lesion.value
  const printed = printedLesion(whole.report, noduleKind)
  for (const { text } of printed.warnings) io.err(`${target.label}: ${text}`)
  const readings = target.structure?.readings ?? comparedReadings(services, target, runs)
  return accept({
    ...{ id: target.id, label: target.label, runs, readings },
    ...{ lesion: printed, whole },
  })
}

/** Files of `--export`, below `export`, in a folder a target where there are several. All are made before one is written. */
async function exportedFiles(
  { library, pictures }: Services,
  { detail, image }: InferPlan,
  targets: readonly ReportedTarget[],
  { exportFormats, noduleKind, patientFields }: InferRun,
): Promise<Result<readonly NamedFile[]>> {
  const files: NamedFile[] = []
  // "all" of a photograph is all that it can go out as.
  const isAll = exportFormats.length === RunExportFormat.options.length
  const formats = image !== null && isAll ? FORMATS_OF_PHOTOGRAPHS : exportFormats
  for (const target of formats.length === 0 ? [] : targets) {
    const prepared = await prepareExport({
      ...{ library, pictures, detail, image, target, formats, noduleKind, patientFields },
    })
    if (!prepared.ok) return prepared
    const { ready, drawn } = prepared.value
    const objects = drawn === null ? accept([]) : writeDrawn(drawn, inflate)
    if (!objects.ok) return objects
    const folder = targets.length === 1 ? 'export' : `export/${target.id}`
    files.push(
      ...[...ready, ...objects.value].map(({ path, bytes }) => ({ path: `${folder}/${path}`, bytes })),
    )
  }
  return accept(files)
}

/** Runs a plan and writes its files. Refused: the first run that is refused, files that cannot be written. */
export async function inferPlan(
  services: Services,
  plan: InferPlan,
  asked: InferRun,
  io: CommandIo,
): Promise<Result<InferReport>> {
  const stack = plan.detail === null ? null : countedStack(plan.detail)
  const targets: ReportedTarget[] = []
  for (const target of plan.targets) {
    const run = asked.wholeLesion ? runLesion : runTarget
    const reported = await run(services, target, asked, stack, io)
    if (!reported.ok) return reported
    targets.push(reported.value)
  }
  // The command that stands in the report names the file as well.
  const image = await reportedImage({ library: services.library, ...plan }, true)
  if (!image.ok) return image
  const make = (files: readonly string[]): InferReport | null =>
    inferReport(targets, asked.command, files, stack, image.value)
  const bare = make([])
  if (bare === null) return refuse('not-found', 'There was nothing to run.')
  if (asked.outDir === null) return accept(bare)
  const more = await exportedFiles(services, plan, targets, asked)
  if (!more.ok) return more
  const written = await writeRunFiles(
    {
      library: services.library,
      pictures: services.pictures,
      detail: plan.detail,
      image: plan.image,
      targets,
      report: make,
      outDir: resolve(io.cwd, asked.outDir),
      signal: io.signal,
    },
    more.value,
  )
  if (!written.ok) return written
  for (const note of written.value.notes) io.err(note)
  return accept(written.value.report)
}

/** Says on both streams why a command failed; returns its exit code. */
export function failed(refusal: Refusal, io: CommandIo): 1 {
  io.out(JSON.stringify({ refusal }))
  io.err(refusal.next === undefined ? refusal.reason : `${refusal.reason} ${refusal.next}`)
  return 1
}
