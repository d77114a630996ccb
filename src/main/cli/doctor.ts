import { homedir, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { removeTelemetryTraces } from '../inference/telemetry-trace'
import type { CommandIo } from './command-io'

/** `margin doctor`. Words on standard error as well, so that a person need not read JSON. 1 when something needed is missing. */
export async function runDoctor(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { fix: { type: 'boolean' } }, strict: true })
  if (values.fix === true) await fix(io)
  const services = await io.services()
  const { checks } = await services.doctor()
  const report = { checks: [...checks, ...(await services.devices()).checks] }
  const sign = { ok: 'ok     ', warning: 'warning', missing: 'MISSING' }
  for (const check of report.checks) {
    io.err(`${sign[check.state]}  ${check.name}: ${check.found}`)
    if (check.next !== '') io.err(`         ${check.next}`)
  }
  io.out(JSON.stringify(report))
  return report.checks.some((check) => check.state === 'missing') ? 1 : 0
}

/** What the doctor may mend by itself, when asked: it deletes what an earlier version left behind. */
async function fix(io: CommandIo): Promise<void> {
  const { platform, env: environment } = process
  const places = { platform, environment, home: homedir(), temporary: tmpdir() }
  for (const path of await removeTelemetryTraces(places)) io.err(`deleted  ${path}`)
}
