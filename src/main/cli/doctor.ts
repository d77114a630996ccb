import { parseArgs } from 'node:util'
import type { CommandIo } from './command-io'

/** `margin doctor`. Words on standard error as well, so that a person need not read JSON. 1 when something needed is missing. */
export async function runDoctor(args: readonly string[], io: CommandIo): Promise<number> {
  parseArgs({ args: [...args], options: {}, strict: true })
  const services = await io.services()
  const report = await services.doctor()
  const sign = { ok: 'ok     ', warning: 'warning', missing: 'MISSING' }
  for (const check of report.checks) {
    io.err(`${sign[check.state]}  ${check.name}: ${check.found}`)
    if (check.next !== '') io.err(`         ${check.next}`)
  }
  io.out(JSON.stringify(report))
  return report.checks.some((check) => check.state === 'missing') ? 1 : 0
}
