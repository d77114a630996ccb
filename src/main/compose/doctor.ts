import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { DoctorCheck, DoctorReport } from '../../contract'
import { telemetryTraces } from '../inference/telemetry-trace'
import type { UserPlaces } from '../inference/telemetry-trace'
import { findTrainerPython } from '../training/find-python'
import { hasDisplay } from './electron-binary'
import type { Resources } from './resources'
import type { ModelService } from '../registry/model-service'

/** What the doctor looks at; everything comes in, so that a test can be another computer. */
export interface Patient extends UserPlaces {
  readonly nodeVersion: string
  /** Of the Electron that runs this; null under Node. */
  readonly electronVersion: string | null
  readonly resources: Resources
  readonly uploadDir: string
  readonly models: ModelService
}

/** What this computer has, and what to do about what is missing. */
export async function examine(patient: Patient): Promise<DoctorReport> {
  const asked = await Promise.all([
    checkOnnxRuntime(),
    checkModels(patient.models),
    checkPython(patient),
    checkTraining(patient),
    checkDisk(patient.uploadDir),
    checkTraces(patient),
  ])
  return { checks: [checkRuntime(patient), ...asked, checkWindow(patient), checkBrowser(patient)] }
}

/** Electron brings its own Node, whose version is nobody's to choose. */
function checkRuntime({ electronVersion, nodeVersion }: Patient): DoctorCheck {
  if (electronVersion === null) return checkNode(nodeVersion)
  return { name: 'Electron', state: 'ok', found: `${electronVersion}, Node.js ${nodeVersion}`, next: '' }
}

/** The range of package.json: 20.19 or newer, 22.13 or newer, 24 and newer. */
export function checkNode(nodeVersion: string): DoctorCheck {
  const [major = 0, minor = 0] = nodeVersion.replace(/^v/, '').split('.').map(Number)
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major >= 24
  return {
    name: 'Node.js',
    state: fits ? 'ok' : 'warning',
    found: nodeVersion,
    next: fits ? '' : 'Install Node.js 22 or 24 from nodejs.org.',
  }
}

async function checkOnnxRuntime(): Promise<DoctorCheck> {
  const name = 'ONNX Runtime'
  try {
    const { runtime } = await import('../inference/process/onnx-runtime')
    const backends = runtime.listSupportedBackends()
    const found = backends.map((each) => (each.bundled ? each.name : `${each.name} (not installed)`))
    return { name, state: 'ok', found: found.join(', '), next: '' }
  } catch {
    return {
      name,
      state: 'missing',
      found: 'the runtime does not load',
      next: 'Run npm ci again. On Linux the GNU C library 2.28 or newer is needed.',
    }
  }
}

async function checkModels(models: ModelService): Promise<DoctorCheck> {
  const installed = await models.list()
  const ready = installed.filter((model) => model.refusal === null)
  const refused = installed.filter((model) => model.refusal !== null)
  const state = refused.length > 0 ? 'warning' : ready.length > 0 ? 'ok' : 'missing'
  const next = {
    ok: '',
    warning: refused.map((model) => `${model.id}: ${model.refusal?.reason ?? ''}`).join(' '),
    missing: 'Put a model package into models/, or name its folder in MARGIN_MODELS.',
  }
  const found = ready.map((model) => `${model.id} ${model.manifest?.version ?? ''}`.trim())
  return { name: 'Models', state, found: found.join(', ') || 'none', next: next[state] }
}

async function checkPython({ platform }: Patient): Promise<DoctorCheck> {
  const name = 'Python 3.11 or newer'
  const minors = [14, 13, 12, 11].map((minor) => `python3.${minor}`)
  const commands = platform === 'win32' ? ['py', 'python'] : [...minors, 'python3', 'python']
  for (const command of commands) {
    const found = await versionOf(command)
    const minor = Number(/^Python 3\.(\d+)/.exec(found ?? '')?.[1] ?? 0)
    if (found !== null && minor >= 11) return { name, state: 'ok', found: `${found} (${command})`, next: '' }
  }
  return {
    name,
    state: 'warning',
    found: 'none',
    next: 'Only training and the tests need it: install Python 3.11 or newer from python.org or your system.',
  }
}

async function checkTraining({ resources, environment, platform }: Patient): Promise<DoctorCheck> {
  const name = 'Training'
  const found = await findTrainerPython({ environment, platform, ...resources.trainer })
  if (found.ok) return { name, state: 'ok', found: found.value.python, next: '' }
  return { name, state: 'warning', found: found.refusal.reason, next: found.refusal.next ?? '' }
}

/** A program that does not tell its version within this time is as good as absent. */
const VERSION_TIMEOUT_MS = 5_000

async function versionOf(command: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(command, ['--version'], { timeout: VERSION_TIMEOUT_MS })
    return stdout.trim()
  } catch {
    return null
  }
}

/** Uploads and the built-in case are laid down on disk; a chest CT has about 150 MB. */
const WANTED_FREE_BYTES = 2_000_000_000

async function checkDisk(uploadDir: string): Promise<DoctorCheck> {
  const { bavail, bsize } = await statfs(uploadDir)
  const freeBytes = bavail * bsize
  const enough = freeBytes >= WANTED_FREE_BYTES
  return {
    name: 'Disk space for this session',
    state: enough ? 'ok' : 'warning',
    found: `${(freeBytes / 1e9).toFixed(1)} GB free`,
    next: enough ? '' : 'Free 2 GB, or point TMPDIR (Windows: TEMP) at a larger disk.',
  }
}

async function checkTraces(places: UserPlaces): Promise<DoctorCheck> {
  const traces = await telemetryTraces(places)
  const none = traces.length === 0
  return {
    name: 'Telemetry left by ONNX Runtime',
    state: none ? 'ok' : 'warning',
    found: none ? 'none' : traces.join(', '),
    next: none ? '' : 'Margin 0.1.0, or another program, let it be stored. margin doctor --fix deletes it.',
  }
}

function checkWindow({ platform, environment, resources }: Patient): DoctorCheck {
  const name = 'Window (Electron)'
  const binary = resources.window?.binary ?? null
  if (binary === null) {
    return {
      name,
      state: 'warning',
      found: 'not installed',
      next: 'The browser does the same. For the window: node node_modules/electron/install.js',
    }
  }
  const display = hasDisplay(platform, environment)
  return {
    name,
    state: display ? 'ok' : 'warning',
    found: display ? binary : `${binary}, but no display`,
    next: display ? '' : 'Use margin serve and a browser.',
  }
}

function checkBrowser({ platform, environment }: Patient): DoctorCheck {
  const name = 'Browser'
  const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'firefox', 'microsoft-edge']
  const folders = (environment['PATH'] ?? '').split(delimiter)
  const found = browsers.find((browser) => folders.some((folder) => existsSync(join(folder, browser))))
  if (found !== undefined) return { name, state: 'ok', found, next: '' }
  if (platform !== 'linux') return { name, state: 'ok', found: "the system's own", next: '' }
  return {
    name,
    state: 'warning',
    found: 'none on PATH',
    next: 'Install Chromium, Chrome, Edge or Firefox (Debian: apt install chromium).',
  }
}
