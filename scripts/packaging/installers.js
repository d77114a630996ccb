import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findElectron, SHIPPED_FUSES } from '../setup/electron.js'
import { folder, npmCommand, root, StepFailed, succeeds } from '../setup/steps.js'
import { LOADED_BY_SYSTEM, stageProgram, write } from './stage-program.js'

/**
 * Installers of Windows and macOS, and the AppImage, by electron-builder, which is fetched when it is asked for: its tools
 * come from hosts of their own. Each is made on its own system and for its own processor. Decision 0092 says what of it
 * was run.
 */

const BUILDER = 'electron-builder@26.17.0'
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const output = join(root, 'build', 'installers')
const staged = {
  program: join(output, 'program'),
  resources: join(output, 'resources'),
  home: join(output, 'papers'),
}

/** What electron-builder is told. Signing takes its keys from CSC_LINK and CSC_KEY_PASSWORD, where they are given. */
export function builderSettings() {
  const electron = findElectron()
  return {
    appId: 'org.margin.viewer',
    productName: 'Margin',
    electronVersion: electron?.version ?? devDependencies.electron,
    // Where Electron's own download is not here, electron-builder fetches it.
    ...(electron === null ? {} : { electronDist: electron.folder }),
    npmRebuild: false,
    directories: { output, buildResources: join(root, 'icons') },
    // Ours stand in node_modules already, without other systems' parts: they are taken as they are.
    files: ['out/**', 'package.json', { from: join(staged.program, 'node_modules'), to: 'node_modules' }],
    extraResources: [{ from: staged.resources, to: '.' }],
    extraFiles: [{ from: staged.home, to: process.platform === 'darwin' ? 'Resources' : '.' }],
    asar: true,
    asarUnpack: [LOADED_BY_SYSTEM],
    electronLanguages: ['en-US', 'en'],
    electronFuses: {
      runAsNode: SHIPPED_FUSES.runAsNode,
      enableNodeOptionsEnvironmentVariable: SHIPPED_FUSES.nodeOptions,
      enableNodeCliInspectArguments: SHIPPED_FUSES.nodeInspect,
      enableEmbeddedAsarIntegrityValidation: SHIPPED_FUSES.asarIntegrity,
      onlyLoadAppFromAsar: SHIPPED_FUSES.onlyAsar,
      loadBrowserProcessSpecificV8Snapshot: SHIPPED_FUSES.ownSnapshot,
      grantFileProtocolExtraPrivileges: SHIPPED_FUSES.fileScheme,
    },
    fileAssociations: [{ ext: 'dcm', name: 'DICOM image', mimeType: 'application/dicom', role: 'Viewer' }],
    win: { target: ['nsis', 'portable'], icon: join(root, 'icons', 'margin.ico') },
    nsis: { oneClick: true, perMachine: false, deleteAppDataOnUninstall: false },
    portable: { artifactName: 'Margin-${version}-portable.${ext}' },
    mac: {
      target: ['dmg', 'zip'],
      icon: join(root, 'icons', 'margin.icns'),
      category: 'public.app-category.medical',
      hardenedRuntime: true,
    },
    linux: {
      target: ['AppImage'],
      icon: join(root, 'icons'),
      category: 'Science',
      executableName: 'margin',
      synopsis: 'How sure a segmentation is',
    },
    publish: null,
  }
}

/** Stages the program and lets electron-builder wrap it. @param {readonly string[]} words for electron-builder */
export function makeInstallers(words) {
  rmSync(output, { recursive: true, force: true })
  stageProgram(staged)
  const settings = join(folder(join('build', 'installers')), 'electron-builder.json')
  write(settings, `${JSON.stringify(builderSettings(), null, 2)}\n`)
  const command = ['exec', '--yes', `--package=${BUILDER}`, '--', 'electron-builder']
  // Its own folder as the project, or it would add what this one's package.json lists.
  const told = ['--projectDir', staged.program, '--config', settings, '--publish', 'never']
  const [program, args] = npmCommand([...command, ...told, ...words])
  if (!succeeds(program, args))
    throw new StepFailed(
      'electron-builder did not make the installers.',
      'Look at the lines above; it has to fetch its tools, for which it needs a network.',
    )
  process.stderr.write(`      ${output}\n`)
  if (findElectron()?.official === false)
    process.stderr.write('      for tests only: its Electron is the stand-in\n')
}
