import type { Opening } from '../compose/create-services'
import type { Services } from '../app/services'
import { isUsageError } from './command-io'
import type { Command, CommandIo } from './command-io'
import { isCommandName, overview, usage } from './usage'
import type { CommandName } from './usage'

/** Loaded when asked for: `margin doctor` need not load the decoders. */
const commands: Record<CommandName, () => Promise<Command>> = {
  open: async () => {
    const { runOpen } = await import('./open')
    return (args, io) => runOpen(args, io, import.meta.dirname)
  },
  serve: async () => (await import('./serve')).runServe,
  scan: async () => (await import('./scan')).runScan,
  decode: async () => (await import('./decode')).runDecode,
  infer: async () => (await import('./infer')).runInfer,
  demo: async () => (await import('./demo')).runDemo,
  models: async () => (await import('./models')).runModels,
  doctor: async () => (await import('./doctor')).runDoctor,
  agree: async () => (await import('./readings')).runAgree,
  export: async () => (await import('./readings')).runExport,
  import: async () => (await import('./readings')).runImport,
  raters: async () => (await import('./raters')).runRaters,
  audit: async () => (await import('./audit')).runAudit,
}

/** A worker or a driver that does not end by itself may keep the process this long after the command ended. */
const LINGER_MS = 2_000

const out = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
const err = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

/** The application without a door. Loaded here, so that help and wrong usage need not wait for it. */
async function openServices(opening: Opening): Promise<Services> {
  const { createServices } = await import('../compose/create-services')
  const { launchByFork } = await import('../processes/launch')
  return createServices({
    programDir: import.meta.dirname,
    environment: process.env,
    door: 'browser',
    opening,
    launch: launchByFork(),
    log: (refusal) => {
      err(JSON.stringify({ refusal }))
    },
  })
}

/** Runs one command of the command line; returns its exit code. */
async function run(name: string | undefined, args: readonly string[]): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    out(overview)
    return name === undefined ? 2 : 0
  }
  if (!isCommandName(name)) {
    err(`margin has no command "${name}". It has: ${Object.keys(usage).join(', ')}.`)
    return 2
  }
  if (args.includes('--help') || args.includes('-h')) {
    out(usage[name])
    return 0
  }
  const stop = new AbortController()
  const onInterrupt = (): void => {
    stop.abort()
  }
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onInterrupt)
  let services: Promise<Services> | null = null
  const io: CommandIo = {
    out,
    err,
    signal: stop.signal,
    cwd: process.cwd(),
    services: (opening = { paths: [], demo: false, workspace: null, accounts: false }) =>
      (services ??= openServices(opening)),
  }
  try {
    const command = await commands[name]()
    return await command(args, io)
  } catch (error) {
    if (!isUsageError(error)) throw error
    err(`${error.message}\n\n${usage[name]}`)
    return 2
  } finally {
    const opened = services as Promise<Services> | null
    await (await opened)?.close()
  }
}

// A reader that has seen enough (`margin scan … | head`) closes the pipe: that is no failure.
process.stdout.on('error', () => {
  process.exit(0)
})
const [name, ...args] = process.argv.slice(2)
try {
  process.exitCode = await run(name, args)
} catch (error) {
  err(error instanceof Error ? `margin: ${error.message}` : 'margin: failed')
  process.exitCode = 1
}
setTimeout(() => {
  process.exit()
}, LINGER_MS).unref()
