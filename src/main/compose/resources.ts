import { dirname, join, resolve } from 'node:path'
import { defaultWorkspace } from '../workspace/default-location'
import { findElectronBinary } from './electron-binary'

/** The programs that the build makes, by the names of electron.vite.config.ts; each is a process or a thread. */
export type ProgramName =
  | 'index'
  | 'inference'
  | 'pictures'
  | 'decode-worker'
  | 'beside-worker'
  | 'store-worker'
  | 'readings-worker'
  | 'archive-worker'
  | 'receiver-worker'
  | 'write-worker'

/** Where the parts of the program lie: in a clone beside its build, in an installed program inside and beside its archive. */
export interface Resources {
  readonly program: (name: ProgramName) => string
  /** Folder of the built page, with the guide. */
  readonly pageDir: string
  readonly preload: string
  readonly icon: string
  /** Outside the archive: model packages are added, taken away and looked at. MARGIN_MODELS names another folder. */
  readonly modelsDir: string
  /** The built-in case, made when Margin was built; it may be absent. MARGIN_CASE names another folder. */
  readonly caseDir: string
  /** The program that opens a window, and what it is started with; null where there is none. */
  readonly window: { readonly binary: string; readonly words: readonly string[] } | null
  /**
   * The trainer's Python package, and its environments: the one that `npm test` of a clone makes, and the one that
   * `margin doctor --fix` makes in the user's own data. None of them need be there. MARGIN_TRAINER names another folder.
   */
  readonly trainer: {
    readonly directory: string
    readonly environmentDirs: readonly string[]
    readonly builtDir: string
  }
  /** Where ONNX Runtime finds what is put beside it for a graphics card. */
  readonly librariesDir: string
}

/** Everything that is known of places, from the folder of the built programs alone. */
export function findResources(
  programsDir: string,
  environment: NodeJS.ProcessEnv,
  execPath: string,
): Resources {
  const root = resolve(programsDir, '..', '..')
  const isInstalled = root.endsWith('.asar')
  const program = (name: ProgramName): string => join(programsDir, `${name}.js`)
  const ownData = dirname(defaultWorkspace({ ...environment, MARGIN_WORKSPACE: '' }, process.platform))
  const builtDir = join(ownData, 'trainer-python')
  const trainerDir = environment['MARGIN_TRAINER'] ?? join(isInstalled ? dirname(root) : root, 'trainer')
  const electron = isInstalled ? execPath : findElectronBinary(root, environment)
  return {
    program,
    pageDir: join(programsDir, '..', 'renderer'),
    preload: join(programsDir, '..', 'preload', 'index.cjs'),
    icon: join(programsDir, 'icon.png'),
    modelsDir: environment['MARGIN_MODELS'] ?? join(isInstalled ? dirname(root) : root, 'models'),
    caseDir:
      environment['MARGIN_CASE'] ?? (isInstalled ? join(dirname(root), 'case') : join(root, 'out', 'case')),
    window: electron === null ? null : { binary: electron, words: isInstalled ? [] : [program('index')] },
    trainer: {
      directory: trainerDir,
      // The one that was asked for first: it was made where the other does not train.
      environmentDirs: [builtDir, join(dirname(trainerDir), '.venv')],
      builtDir,
    },
    librariesDir: join(
      isInstalled ? `${root}.unpacked` : root,
      ...['node_modules', 'onnxruntime-node', 'bin', 'napi-v6', process.platform, process.arch],
    ),
  }
}
