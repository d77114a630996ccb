import { homedir, tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Services } from '../app/services'
import { removeTelemetryTraces } from '../inference/telemetry-trace'
import { checkArchives } from './doctor-archives'
import { UsageError } from './command-io'
import type { CommandIo } from './command-io'
import { workspaceAt } from './serve'

const options = {
  fix: { type: 'boolean' },
  wheels: { type: 'string' },
  archives: { type: 'boolean' },
  workspace: { type: 'string' },
} as const

/** `margin doctor`. Words on standard error as well, so that a person need not read JSON. 1 when something needed is missing, or --fix could not mend it. */
export async function runDoctor(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({ args: [...args], options, strict: true })
  if (values.wheels !== undefined && values.fix !== true) throw new UsageError('--wheels goes with --fix.')
  const workspace = values.workspace === undefined ? null : workspaceAt(values.workspace, io.cwd)
  const services = await io.services({ paths: [], demo: false, workspace, accounts: false })
  if (values.fix === true) await removeTraces(io)
  const wheels = values.wheels === undefined ? null : resolve(io.cwd, values.wheels)
  const mended = values.fix !== true || (await setUpPython(services, wheels, io))
  const { checks } = await services.doctor()
  const archives = await checkArchives(services, values.archives === true, io.signal)
  const report = { checks: [...checks, ...archives, ...(await services.devices()).checks] }
  const sign = { ok: 'ok     ', warning: 'warning', missing: 'MISSING' }
  for (const check of report.checks) {
    io.err(`${sign[check.state]}  ${check.name}: ${check.found}`)
    if (check.next !== '') io.err(`         ${check.next}`)
  }
  io.out(JSON.stringify(report))
  return mended && !report.checks.some((check) => check.state === 'missing') ? 0 : 1
}

/** Deletes what an earlier version left behind. */
async function removeTraces(io: CommandIo): Promise<void> {
  const { platform, env: environment } = process
  const places = { platform, environment, home: homedir(), temporary: tmpdir() }
  for (const path of await removeTelemetryTraces(places)) io.err(`deleted  ${path}`)
}

/** Says what will be fetched from where, then makes the trainer's Python; false: it could not be made. */
async function setUpPython(
  { trainerPython }: Services,
  wheels: string | null,
  io: CommandIo,
): Promise<boolean> {
  const plan = await trainerPython.plan(wheels)
  if (plan.base !== null) {
    io.err(`Training: ${plan.base} makes an environment in ${plan.folder}.`)
    io.err(`It holds ${plan.packages.join(', ')} and what these need, from ${plan.source}.`)
  }
  const said = { words: '' }
  const built = await trainerPython.build(
    wheels,
    ({ words }) => {
      if (words !== said.words) io.err(words)
      said.words = words
    },
    io.signal,
  )
  if (!built.ok) io.err(`${built.refusal.reason} ${built.refusal.next ?? ''}`)
  else if (built.value.wasReady)
    io.err(`It trains already: PyTorch ${built.value.torch}; nothing was fetched.`)
  else io.err(`It trains: PyTorch ${built.value.torch}, ${built.value.device}.`)
  return built.ok
}
