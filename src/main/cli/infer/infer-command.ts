/** `margin infer`: one image, one image by two models, or a folder of photographs. */
import { join, resolve } from 'node:path'
import { accept, type InferReport, refuse, type Result } from '../../../contract'
import type { Services } from '../../app/services'
import { writeWholeFile } from '../../workspace/whole-file'
import type { CommandIo } from '../command-io'
import { failed, inferPlan } from './infer'
import { type InferArguments, readInferArguments } from './infer-arguments'
import { inferPhotographs } from './infer-photographs'
import { findImages, type InferPlan } from './infer-targets'

/** Two models on the same targets from the same seed. One case says nothing of which is better. */
export type ComparedReport = InferReport & { readonly compared: InferReport; readonly comparison: string }

const ONE_CASE =
  'Both models drew from the same seed around the same centres. One case is no test of which is better.'

/** Draws with one model, and with a second one where `--compare` names it: files then lie in the folders 1 and 2. */
async function inferAll(
  services: Services,
  plan: InferPlan,
  asked: InferArguments,
  io: CommandIo,
): Promise<Result<InferReport | ComparedReport>> {
  const { comparedId, outDir } = asked
  if (comparedId === null) return inferPlan(services, plan, asked, io)
  const folder = (name: string): string | null => (outDir === null ? null : join(outDir, name))
  const first = await inferPlan(services, plan, { ...asked, outDir: folder('1') }, io)
  if (!first.ok) return first
  if (first.value.run.model === comparedId) {
    return refuse('request-invalid', `Both runs would be of the model "${comparedId}".`, {
      next: 'Name two models with --model and --compare; "margin models" lists them.',
    })
  }
  const again = { ...asked, modelId: comparedId, command: asked.comparedCommand, outDir: folder('2') }
  const second = await inferPlan(services, plan, again, io)
  if (!second.ok) return second
  const below = (name: string, { files }: InferReport): string[] => files.map((file) => `${name}/${file}`)
  const report: ComparedReport = {
    ...first.value,
    files: [...below('1', first.value), ...below('2', second.value)],
    compared: second.value,
    comparison: ONE_CASE,
  }
  if (outDir !== null)
    await writeWholeFile(resolve(io.cwd, outDir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`)
  return accept(report)
}

/**
 * `margin infer PATH …`: an InferReport, or with `--compare` a ComparedReport, or of several photographs a
 * PhotographTable, as one line of JSON. Returns 0 when done, 1 when refused or when a photograph failed.
 */
export async function runInfer(args: readonly string[], io: CommandIo): Promise<number> {
  const asked = readInferArguments(args)
  const services = await io.services()
  const found = await findImages(services, asked, io)
  if (!found.ok) return failed(found.refusal, io)
  if (found.value.kind === 'photographs') return inferPhotographs(services, found.value.images, asked, io)
  const report = await inferAll(services, found.value.plan, asked, io)
  if (!report.ok) return failed(report.refusal, io)
  io.out(JSON.stringify(report.value))
  return 0
}
