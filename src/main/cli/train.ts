import { setTimeout as wait } from 'node:timers/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { accept, ModelModality, refuse, TrainingMethod } from '../../contract'
import type { FromWorker, Job, JobAct, Result, SetCheck, SetRequest } from '../../contract'
import { sitDown } from './at-desk'
import type { AtDesk } from './at-desk'
import { printed, UsageError } from './command-io'
import type { CommandIo } from './command-io'
import { panelNamed } from './panels'

const desk = { workspace: { type: 'string' }, as: { type: 'string' } } as const
const options = {
  ...desk,
  name: { type: 'string' },
  model: { type: 'string' },
  modality: { type: 'string' },
  rater: { type: 'string', multiple: true },
  panel: { type: 'string', multiple: true },
  structure: { type: 'string', multiple: true },
  since: { type: 'string' },
  until: { type: 'string' },
  drafts: { type: 'boolean' },
  'without-model-shown': { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  set: { type: 'string' },
  resume: { type: 'string' },
  method: { type: 'string' },
  steps: { type: 'string' },
  seconds: { type: 'string' },
  seed: { type: 'string' },
} as const

const readWords = (args: readonly string[]) =>
  parseArgs({ args: [...args], options, strict: true, allowPositionals: true })
type Asked = ReturnType<typeof readWords>

/** How often a running job is looked at. */
const LOOK_MS = 300

/** `margin train`: the dry run's findings, or the training as it ended. */
export async function runTrain(args: readonly string[], io: CommandIo): Promise<number> {
  const asked = readWords(args)
  const given = [
    asked.positionals.length > 0,
    asked.values.set !== undefined,
    asked.values.resume !== undefined,
  ]
  if (given.filter(Boolean).length !== 1)
    throw new UsageError('Give folders of images, or --set, or --resume.')
  const numbers = numbersOf(asked)
  const at = await sitDown(asked.values, false, io)
  return printed(io, at.ok ? await trained(at.value, asked, numbers, io) : at)
}

async function trained(
  { services, rater }: AtDesk,
  asked: Asked,
  numbers: ReturnType<typeof numbersOf>,
  io: CommandIo,
): Promise<Result<unknown>> {
  const { training } = services
  const { set, resume } = asked.values
  if (resume !== undefined) {
    const again = await training.act(rater, resume, 'resume')
    return again.ok ? followed({ services, rater }, again.value, io) : again
  }
  let setId = set
  if (setId === undefined) {
    const request = await setRequest({ services, rater }, asked, io)
    if (!request.ok) return request
    if (asked.values['dry-run'] === true) {
      const check = await training.check(rater, request.value)
      if (check.ok) sayCheck(check.value, io)
      return check
    }
    const frozen = await training.freeze(rater, request.value)
    if (!frozen.ok) return frozen
    sayCheck({ ...frozen.value, missing: [] }, io)
    setId = frozen.value.setId
  }
  const job = await training.start(rater, { setId, ...numbers })
  return job.ok ? followed({ services, rater }, job.value, io) : job
}

function numbersOf({ values }: Asked) {
  const number = (name: 'steps' | 'seconds' | 'seed'): number | null => {
    const text = values[name]
    if (text === undefined) return null
    const read = Number(text)
    if (!Number.isFinite(read) || read < 0 || (name !== 'seconds' && !Number.isInteger(read)))
      throw new UsageError(`--${name} is a number, not ${text}.`)
    return read
  }
  const method = TrainingMethod.nullable().safeParse(values.method ?? null)
  if (!method.success) throw new UsageError('--method is width, heads, adapter or full.')
  return {
    method: method.data,
    steps: number('steps'),
    seconds: number('seconds'),
    seed: number('seed') ?? 1,
  }
}

async function setRequest(
  { services, rater }: AtDesk,
  { values, positionals }: Asked,
  io: CommandIo,
): Promise<Result<SetRequest>> {
  const modality = ModelModality.safeParse(values.modality ?? 'CT')
  if (!modality.success) throw new UsageError('--modality is CT or fundus.')
  if (values.name === undefined) throw new UsageError('Give the set a --name.')
  const roots: string[] = []
  for (const path of positionals) {
    const root = await services.library.addRoot(resolve(io.cwd, path))
    if (!root.ok) return root
    roots.push(root.value)
  }
  const scanned = await services.library.scan(roots, () => undefined, io.signal)
  if (!scanned.ok) return scanned
  const panels: string[] = []
  for (const name of values.panel ?? []) {
    const panel = await panelNamed(services, rater, name)
    if (!panel.ok) return panel
    panels.push(panel.value.panelId)
  }
  const filter: SetRequest['filter'] = {
    raters: values.rater ?? [],
    panels,
    structures: values.structure ?? [],
    status: values.drafts === true ? 'any' : 'committed',
    from: instant(values.since, 'since'),
    to: instant(values.until, 'until'),
    ...(values['without-model-shown'] === true ? { withoutModelShown: true } : {}),
  }
  return accept({ name: values.name, modelId: values.model ?? null, modality: modality.data, filter })
}

function instant(text: string | undefined, name: string): string | null {
  if (text === undefined) return null
  const date = new Date(text)
  if (Number.isNaN(date.getTime())) throw new UsageError(`--${name} is a date like 2026-11-30, not ${text}.`)
  return date.toISOString()
}

function sayCheck({ counts, warnings, missing, leftOut, detectableGed }: SetCheck, io: CommandIo): void {
  io.err(
    `${counts.patients} patients (${counts.train} to train, ${counts.heldOut} held out), ${counts.cases} cases, ${counts.readings} readings of ${counts.raters} readers.`,
  )
  for (const { count, reason } of leftOut) io.err(`Left out: ${count} times ${reason}.`)
  for (const { text } of [...warnings, ...missing]) io.err(text)
  if (detectableGed !== null)
    io.err(
      `The held-out patients find a change in expected GED of ${detectableGed.toFixed(3)} four times out of five.`,
    )
}

const OPEN: readonly Job['state'][] = ['queued', 'training', 'judging']

/** Waits for the job and says how it goes. Ctrl-C leaves it saved. */
async function followed({ services, rater }: AtDesk, job: Job, io: CommandIo): Promise<Result<Job>> {
  let said = 0
  for (;;) {
    const now = await services.training.job(rater, job.jobId)
    if (!now.ok) return now
    for (const { line } of now.value.lines.slice(said)) say(line, io)
    said = now.value.lines.length
    const { state, refusal } = now.value.job
    if (state === 'failed' && refusal !== null) return { ok: false, refusal }
    if (!OPEN.includes(state)) return accept(now.value.job)
    if (io.signal.aborted)
      return refuse('cancelled', `Training ${job.number} is saved.`, {
        next: `margin train --resume ${job.jobId} goes on.`,
      })
    await wait(LOOK_MS)
  }
}

function say(line: FromWorker, io: CommandIo): void {
  if (line.type === 'estimate')
    io.err(
      `About ${Math.round(line.seconds)} s and ${(line.memoryBytes / 1e9).toFixed(1)} GB. ${line.notes.join(' ')}`.trim(),
    )
  else if (line.type === 'progress') {
    const ged = line.validation?.ged ?? null
    io.err(
      `${line.phase}, step ${line.step} of ${line.steps}${ged === null ? '' : `: GED ${ged.toFixed(3)}`}`,
    )
  } else if (line.type === 'gated') io.err(line.report.words)
  else if (line.type === 'done') for (const note of line.notes) io.err(note)
}

const oneWord = (
  args: readonly string[],
  what: string,
  more: Readonly<Record<string, { type: 'boolean' }>> = {},
) => {
  const read = parseArgs({
    args: [...args],
    options: { ...desk, ...more },
    strict: true,
    allowPositionals: true,
  })
  const [word] = read.positionals
  if (word === undefined || read.positionals.length > 1) throw new UsageError(`Give one ${what}.`)
  return { word, values: read.values }
}

/** `margin gate JOB`: the gate report. */
export async function runGate(args: readonly string[], io: CommandIo): Promise<number> {
  const { word, values } = oneWord(args, 'training, like job-1')
  const at = await sitDown(values, false, io)
  if (!at.ok) return printed(io, at)
  const { services, rater } = at.value
  const act: JobAct['act'] = 'judge'
  const job = await services.training.act(rater, word, act)
  const judged = job.ok ? await followed(at.value, job.value, io) : job
  return printed(io, judged.ok ? accept(judged.value.gate) : judged)
}

/** `margin promote MODEL --saw-worst`: the version as it stands then. */
export async function runPromote(args: readonly string[], io: CommandIo): Promise<number> {
  const { word, values } = oneWord(args, 'model', { 'saw-worst': { type: 'boolean' } })
  const sawWorst = 'saw-worst' in values && values['saw-worst'] === true
  const at = await sitDown(values, false, io)
  const done = at.ok
    ? await at.value.services.training.onVersion(at.value.rater, word, { act: 'promote', sawWorst })
    : at
  return printed(io, done)
}

/** `margin rollback MODEL`. */
export async function runRollback(args: readonly string[], io: CommandIo): Promise<number> {
  const { word, values } = oneWord(args, 'model')
  const at = await sitDown(values, false, io)
  const done = at.ok
    ? await at.value.services.training.onVersion(at.value.rater, word, { act: 'roll-back', sawWorst: false })
    : at
  return printed(io, done)
}
