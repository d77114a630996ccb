/** The other end of a batch: a process that draws items, one after another, and says how each ended. */
import { mkdir, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { BatchTask, refuse, type Result } from '../../../contract'
import type { BatchAnswer } from '../../../contract'
import { createServices } from '../../compose/create-services'
import { createInstruments, type Instruments, lent } from '../../compose/instruments'
import { version } from '../../version'
import { defaultWorkspace } from '../../workspace/default-location'
import type { CommandGround } from '../command-ground'
import type { CommandIo } from '../command-io'
import { inferPlan } from '../infer/infer'
import { readInferArguments } from '../infer/infer-arguments'
import { planInference } from '../infer/infer-targets'
import { finishItem, makingFolder } from './batch-folder'

/** Reads items until nothing more comes; the exit code. A parent that is gone ends what is under way. */
export async function serveItems(ground: CommandGround, io: CommandIo, input: Readable): Promise<number> {
  const gone = new AbortController()
  const signal = AbortSignal.any([io.signal, gone.signal])
  const location = defaultWorkspace(process.env, process.platform)
  const instruments = createInstruments({ ...ground, environment: process.env, location })
  const answer = (said: BatchAnswer): void => {
    io.out(JSON.stringify(said))
  }
  const lines = createInterface({ input, crlfDelay: Infinity })
  lines.on('close', () => {
    gone.abort()
  })
  for await (const line of lines) {
    const item = BatchTask.parse(JSON.parse(line))
    const told: CommandIo = {
      ...io,
      out: () => undefined,
      err: (text) => {
        answer({ kind: 'said', text })
      },
      signal,
      cwd: item.cwd,
    }
    const done = await drawItem(ground, instruments, item, told)
    const { itemId } = item
    answer(done.ok ? { kind: 'done', itemId } : { kind: 'refused', itemId, refusal: done.refusal })
  }
  instruments.inference.close()
  instruments.pictures.close()
  return 0
}

let tries = 0

/** As `margin infer` does it, with nothing left of what was opened for the item before. */
async function drawItem(
  ground: CommandGround,
  instruments: Instruments,
  item: BatchTask,
  io: CommandIo,
): Promise<Result<null>> {
  if (item.version !== version)
    return refuse('model-mismatch', `This worker is of version ${version}, the batch of ${item.version}.`, {
      next: 'Install one version on every machine.',
    })
  const services = await createServices({
    ...ground,
    environment: process.env,
    door: 'browser',
    opening: { paths: [], demo: false, workspace: null, accounts: false },
    log: ({ reason }) => {
      io.err(reason)
    },
    instruments: lent(instruments),
  })
  tries += 1
  const making = makingFolder(item, `${process.pid}-${tries}`)
  try {
    await mkdir(making, { recursive: true })
    const asked = { ...readInferArguments([...item.words, '--out', making]), outDir: making }
    const plan = await planInference(services, asked, io, item.files)
    if (!plan.ok) return plan
    const report = await inferPlan(services, plan.value, asked, io)
    if (!report.ok) return report
    const { run } = report.value
    if (run.modelSha256 !== item.model.sha256)
      return refuse('model-mismatch', `The package ${run.model} here is not that of the batch.`, {
        next: 'Install the same package on every machine.',
      })
    return await finishItem(item, making, asked.command)
  } catch (error) {
    return unexpected(error)
  } finally {
    await services.close()
    await rm(making, { recursive: true, force: true })
  }
}

/** A mistake, or a disk that gave way, ends the item and not its worker. */
const unexpected = (error: unknown): Result<never> =>
  refuse('internal', error instanceof Error ? error.message : 'It failed.', {
    next: 'Draw it alone with the command of the manifest.',
  })
