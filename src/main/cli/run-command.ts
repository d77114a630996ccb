import type { Opening } from '../compose/create-services'
import type { Services } from '../app/services'
import type { CommandGround } from './command-ground'
import { isUsageError, usageWords } from './command-io'
import type { Command, CommandIo } from './command-io'
import { isCommandName, overview, usage } from './usage'
import type { CommandName } from './usage'

/** Loaded when asked for: `margin doctor` need not load the decoders. */
const commands: Record<CommandName, (ground: CommandGround) => Promise<Command>> = {
  open: async ({ resources }) => {
    const { runOpen } = await import('./open')
    return (args, io) => runOpen(args, io, resources)
  },
  serve: async () => (await import('./serve')).runServe,
  scan: async () => (await import('./scan')).runScan,
  decode: async () => (await import('./decode')).runDecode,
  tags: async () => (await import('./tags')).runTags,
  infer: async () => (await import('./infer/infer-command')).runInfer,
  batch: async (ground) => {
    const { runBatch } = await import('./batch/batch')
    return (args, io) => runBatch(args, io, ground)
  },
  growth: async () => (await import('./growth')).runGrowth,
  demo: async () => (await import('./demo')).runDemo,
  models: async () => (await import('./models')).runModels,
  train: async () => (await import('./train')).runTrain,
  gate: async () => (await import('./train')).runGate,
  promote: async () => (await import('./train')).runPromote,
  rollback: async () => (await import('./train')).runRollback,
  doctor: async () => (await import('./doctor')).runDoctor,
  agree: async () => (await import('./readings')).runAgree,
  export: async () => (await import('./readings')).runExport,
  import: async () => (await import('./readings')).runImport,
  raters: async () => (await import('./raters')).runRaters,
  panels: async () => (await import('./panels')).runPanels,
  archive: async () => (await import('./archive')).runArchive,
  audit: async () => (await import('./audit')).runAudit,
}

const out = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
const err = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

/** The application without a door. Loaded here, so that help and wrong usage need not wait for it. */
async function openServices(opening: Opening, ground: CommandGround): Promise<Services> {
  const { createServices } = await import('../compose/create-services')
  return createServices({
    ...ground,
    environment: process.env,
    door: 'browser',
    opening,
    log: (refusal) => {
      err(JSON.stringify({ refusal }))
    },
  })
}

/** Runs one command of the command line; returns its exit code. */
async function run(
  name: string | undefined,
  args: readonly string[],
  ground: CommandGround,
): Promise<number> {
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
      (services ??= openServices(opening, ground)),
  }
  try {
    const command = await commands[name](ground)
    return await command(args, io)
  } catch (error) {
    if (!isUsageError(error)) throw error
    err(`${usageWords(error)}\n\n${usage[name]}`)
    return 2
  } finally {
    const opened = services as Promise<Services> | null
    await (await opened)?.close()
  }
}

/** Runs the command line; returns its exit code. A mistake of the program is told in one line, too. */
export async function runCommand(words: readonly string[], ground: CommandGround): Promise<number> {
  // A reader that has seen enough (`margin scan … | head`) closes the pipe: that is no failure.
  process.stdout.on('error', () => {
    process.exit(0)
  })
  const [name, ...args] = words
  try {
    return await run(name, args, ground)
  } catch (error) {
    err(error instanceof Error ? `margin: ${error.message}` : 'margin: failed')
    return 1
  }
}
