import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rename, rm, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { accept, refuse } from '../../../contract'
import type { PythonProgress, PythonReady, Result } from '../../../contract'
import { FOLDER_MODE, isRunning } from '../../workspace/folder-upkeep'
import { findTrainerPython, PYTHON_VARIABLE, pythonIn } from '../find-python'
import { writeWhole } from '../training-folder'
import { type Planned, plan, type PythonSite } from './python-plan'
import { type Ended, runPython, withoutPipSettings } from './run-python'

export interface PythonBuild extends PythonSite {
  readonly pid: number
  readonly signal: AbortSignal
  readonly onProgress: (progress: PythonProgress) => void
}

const MAKE_LIMIT_MS = 300_000
/** Gigabytes over a slow line. */
const FETCH_LIMIT_MS = 4 * 3_600_000
/** It trains for a second; loading PyTorch from a cold disk takes longer. */
const CHECK_LIMIT_MS = 300_000
/** The environment without CUDA has 1.3 GB, its files on their way as much again. */
const WANTED_BYTES = { cpu: 3e9, cuda: 12e9 }

/** What an environment was made of, in it: another version of the program may need others. */
const STAMP = 'margin-trainer.json'
const Stamp = z.object({ requirementsSha256: z.string() })
/** What `python -m margin_trainer check` says. */
const Checked = z.object({ torch: z.string(), device: z.string() })

/**
 * The trainer's environment, made, or made anew where it fails its check. It is made beside and renamed when it has
 * passed, so that what is half made never counts; aborted, refused or killed, what was there stands.
 */
export async function buildPython(build: PythonBuild): Promise<Result<PythonReady>> {
  const planned = await plan(build, build.signal)
  if (!planned.ok) return planned
  const digest = createHash('sha256')
    .update(await readFile(planned.value.requirements))
    .digest('hex')
  const standing = await asItStands(build, digest)
  if (!standing.ok) return standing
  if (standing.value !== null) return accept(standing.value)
  const room = await enoughRoom(build, planned.value)
  if (!room.ok) return room
  await sweepUnfinished(build)
  const beside = `${build.folder}.making-${build.pid}`
  try {
    const made = await make(build, planned.value, beside)
    if (!made.ok) return made
    await writeWhole(join(beside, STAMP), `${JSON.stringify({ requirementsSha256: digest })}\n`)
    const checked = await check(build, pythonIn(beside, build.platform))
    if (!checked.ok) return checked
    await putInPlace(build, beside)
    return accept({ ...checked.value, python: pythonIn(build.folder, build.platform), wasReady: false })
  } finally {
    await rm(beside, { recursive: true, force: true, maxRetries: 3 })
  }
}

/**
 * The Python that trains here already; null: one is to be made. Refused where somebody named one that does not train:
 * it would be started before any other.
 */
async function asItStands(build: PythonBuild, digest: string): Promise<Result<PythonReady | null>> {
  const found = await findTrainerPython(build)
  if (!found.ok) return accept(null)
  const { python } = found.value
  if (python === pythonIn(build.folder, build.platform) && !(await isMadeOf(build.folder, digest)))
    return accept(null)
  const checked = await check(build, python)
  if (checked.ok) return accept({ ...checked.value, python, wasReady: true })
  return python === build.environment[PYTHON_VARIABLE] ? checked : accept(null)
}

/** Another version of the program may need other packages. */
async function isMadeOf(folder: string, digest: string): Promise<boolean> {
  const kept = await readFile(join(folder, STAMP), 'utf8').catch(() => '')
  return Stamp.safeParse(jsonOf(kept)).data?.requirementsSha256 === digest
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

async function enoughRoom({ folder }: PythonBuild, { plan: { device } }: Planned): Promise<Result<null>> {
  await mkdir(dirname(folder), { recursive: true, mode: FOLDER_MODE })
  const { bavail, bsize } = await statfs(dirname(folder))
  const [free, wanted] = [bavail * bsize, WANTED_BYTES[device]].map((bytes) => (bytes / 1e9).toFixed(1))
  return bavail * bsize >= WANTED_BYTES[device]
    ? accept(null)
    : refuse(
        'limit-reached',
        `The disk of ${dirname(folder)} has ${free ?? ''} GB free, the trainer's Python wants ${wanted ?? ''} GB.`,
        {
          next: 'Free some space, then set it up again.',
        },
      )
}

/** What killed programs left; one that is being made by a running one stays. */
async function sweepUnfinished({ folder, pid }: PythonBuild): Promise<void> {
  const name = basename(folder)
  for (const one of await readdir(dirname(folder)).catch(() => [])) {
    const other = one.startsWith(`${name}.`) ? /\.(?:making|old)-(\d+)$/.exec(one)?.[1] : undefined
    if (other !== undefined && (Number(other) === pid || !isRunning(Number(other))))
      await rm(join(dirname(folder), one), { recursive: true, force: true })
  }
}

async function make(
  build: PythonBuild,
  { base, from, requirements }: Planned,
  beside: string,
): Promise<Result<null>> {
  const { environment, platform, signal, onProgress, wheels } = build
  onProgress({ step: 'environment', words: `An environment by ${base.words}`, done: 0 })
  const made = await runPython(base.makes(beside, wheels !== null), {
    environment,
    limitMs: MAKE_LIMIT_MS,
    signal,
  })
  if (made.code !== 0) return failed(build, 'The environment could not be made', made)
  let done = 0
  const onLine = (line: string): void => {
    if (!PIP_AT_WORK.test(line)) return
    if (/^(?:Collecting|Processing)/.test(line)) done += 1
    // Neither who asked for it nor where a file lies: its name.
    const words = line
      .trim()
      .replace(/ \(from .*$/, '')
      .replace(/^Processing .*[\\/]/, 'Processing ')
    onProgress({ step: 'packages', words: shortened(words), done })
  }
  const install = ['-m', 'pip', 'install', '--progress-bar', 'off', '--only-binary', ':all:', ...from]
  const words = [pythonIn(beside, platform), ...install, '-r', requirements]
  // From a folder alone: no place that pip is set up with adds anything.
  const settings = wheels === null ? environment : withoutPipSettings(environment)
  const fetched = await runPython(words, { environment: settings, limitMs: FETCH_LIMIT_MS, signal, onLine })
  return fetched.code === 0 ? accept(null) : failed(build, 'The packages could not be installed', fetched)
}

const PIP_AT_WORK = /^\s*(?:Collecting|Processing|Downloading|Using cached|Installing collected packages)/
const SHOWN_LENGTH = 120
const shortened = (text: string): string =>
  text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text

/** Everything that training needs is imported, and a network is trained for a second. */
async function check(build: PythonBuild, python: string): Promise<Result<z.infer<typeof Checked>>> {
  const { environment, directory, signal, onProgress } = build
  onProgress({ step: 'check', words: 'It trains on a made-up picture', done: 0 })
  const words = [python, '-m', 'margin_trainer', 'check']
  const ended = await runPython(words, { environment, limitMs: CHECK_LIMIT_MS, signal, cwd: directory })
  const said = Checked.safeParse(jsonOf(ended.out.at(-1) ?? ''))
  return ended.code === 0 && said.success
    ? accept(said.data)
    : failed(build, `${python} does not train`, ended)
}

/** A renamed environment finds itself: it is started by its Python, never by its scripts. */
async function putInPlace({ folder, pid }: PythonBuild, beside: string): Promise<void> {
  const old = `${folder}.old-${pid}`
  await rename(folder, old).catch(() => undefined)
  await rename(beside, folder)
  await rm(old, { recursive: true, force: true, maxRetries: 3 })
}

/** What went wrong, in a sentence, with the next step. */
function failed(
  { signal, wheels, directory }: PythonBuild,
  what: string,
  { lastLines }: Ended,
): Result<never> {
  if (signal.aborted)
    return refuse('cancelled', "Setting up the trainer's Python was stopped.", {
      next: 'What was there stands.',
    })
  const said = lastLines.join('\n')
  const lacks = /No matching distribution found for (\S+)/.exec(said)?.[1]
  if (lacks !== undefined)
    return refuse(
      'not-found',
      `${what}: ${lacks} was not found ${wheels === null ? 'there' : `in ${wheels}`}.`,
      {
        next:
          wheels === null
            ? 'See that this Python is one that PyTorch has wheels for, and that the network works.'
            : `Fill the folder for this system and this Python: pip download -r ${join(directory, 'requirements.txt')} -d FOLDER.`,
      },
    )
  if (/No space left on device|Errno 28/.test(said))
    return refuse('limit-reached', `${what}: the disk is full.`, {
      next: 'Free some space, then set it up again.',
    })
  if (/Failed to establish a new connection|name resolution|Read timed out|Max retries exceeded/.test(said))
    return refuse('no-answer', `${what}: the index did not answer.`, {
      next: 'See that the network works, or set it up from a folder of wheels: margin doctor --fix --wheels DIR.',
    })
  const last = lastLines.findLast((line) => line.trim() !== '') ?? 'it ended without a word'
  return refuse('internal', `${what}: ${shortened(last.trim())}`, {
    next: `Set it up again; if it stays, name another Python in ${PYTHON_VARIABLE}.`,
  })
}
