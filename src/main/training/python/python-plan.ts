import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { accept, refuse } from '../../../contract'
import type { PythonPlan, Result } from '../../../contract'
import type { PythonPlaces } from '../find-python'
import { type BasePython, findBasePython } from './base-python'
import { runPython } from './run-python'

/** Where the trainer's Python is made, and from what. */
export interface PythonSite extends PythonPlaces {
  /** The environment's folder, in the user's own data. */
  readonly folder: string
  /** A folder of wheels, and then nothing is fetched; null: an index is asked. */
  readonly wheels: string | null
}

/** What will be done, and how. */
export interface Planned {
  readonly base: BasePython
  readonly plan: PythonPlan
  /** Words of pip that say where packages come from. */
  readonly from: readonly string[]
  readonly requirements: string
}

/** PyTorch's own index of wheels without CUDA: on Linux the usual one has gigabytes of it. */
const CPU_WHEELS = 'https://download.pytorch.org/whl/cpu'
const ASK_TIMEOUT_MS = 20_000
/** Settings of pip that name a place for packages. */
const PLACES = /^(?:global|install|:env:)\.(?:index-url|extra-index-url|find-links)=(.*)$/

/** What setting up would do here; it starts programs of this computer, and asks nobody else. */
export async function planPython(site: PythonSite): Promise<PythonPlan> {
  const planned = await plan(site)
  if (planned.ok) return planned.value.plan
  const { folder } = site
  const nothing = { base: null, missing: planned.refusal, packages: [], source: '' }
  return { ...nothing, folder, isThere: existsSync(folder), device: 'cpu' }
}

/** Refused: no trainer, no Python, a folder of wheels that is none. */
export async function plan(site: PythonSite, signal?: AbortSignal): Promise<Result<Planned>> {
  const { directory, folder, wheels } = site
  const requirements = join(directory, 'requirements.txt')
  const text = await readFile(requirements, 'utf8').catch(() => null)
  if (text === null || !existsSync(join(directory, 'margin_trainer')))
    return refuse(
      'not-found',
      'This program was put up without its trainer: everything but training works.',
      {
        next: 'Install Margin again, or train with a clone of it.',
      },
    )
  const base = await findBasePython(site, signal)
  if (!base.ok) return base
  const device = (await hasNvidiaDriver(site)) ? 'cuda' : 'cpu'
  const source = wheels === null ? await indexOf(site, base.value, device) : await wheelsIn(wheels)
  if (!source.ok) return source
  const lines = text.split(/\r?\n/).filter((line) => /^[\w-]+==/.test(line))
  const packages = lines.map((line) => line.replace('==', ' '))
  const said = { folder, isThere: existsSync(folder), packages, device, source: source.value.words } as const
  return accept({
    base: base.value,
    plan: { base: base.value.words, missing: null, ...said },
    from: source.value.from,
    requirements,
  })
}

interface Source {
  readonly words: string
  readonly from: readonly string[]
}

async function wheelsIn(wheels: string): Promise<Result<Source>> {
  const names = await readdir(wheels).catch(() => null)
  const count = names?.filter((name) => name.endsWith('.whl')).length ?? 0
  if (count === 0)
    return refuse('not-found', `${wheels} holds no wheels (files that end in .whl).`, {
      next: 'Fill it on a computer with a network: pip download -r trainer/requirements.txt -d FOLDER.',
    })
  return accept({
    words: `the ${count} wheels of ${wheels}; nothing is fetched`,
    from: ['--no-index', '--find-links', wheels],
  })
}

/** The places that pip is set up with, alone where there are any. */
async function indexOf(
  { environment, platform }: PythonSite,
  { python }: BasePython,
  device: PythonPlan['device'],
): Promise<Result<Source>> {
  const asked = python === null ? null : [python, '-m', 'pip', 'config', 'list']
  const told = asked === null ? [] : (await runPython(asked, { environment, limitMs: ASK_TIMEOUT_MS })).out
  const places = told.flatMap((line) => PLACES.exec(line)?.[1]?.replace(/^'|'$/g, '') ?? [])
  if (places.length > 0) {
    // A password in an address is nobody's to read.
    const shown = [...new Set(places)].map((place) => place.replace(/\/\/[^@/\s]*@/g, '//'))
    return accept({ words: `where pip is set up to look: ${shown.join(', ')}`, from: [] })
  }
  return accept(
    platform === 'linux' && device === 'cpu'
      ? {
          words: `the Python Package Index, and PyTorch without CUDA from ${CPU_WHEELS}`,
          from: ['--extra-index-url', CPU_WHEELS],
        }
      : { words: 'the Python Package Index', from: [] },
  )
}

async function hasNvidiaDriver({ environment }: PythonPlaces): Promise<boolean> {
  const asked = await runPython(['nvidia-smi', '-L'], { environment, limitMs: ASK_TIMEOUT_MS })
  return asked.code === 0 && asked.out.some((line) => line.startsWith('GPU '))
}
