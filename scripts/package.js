import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { createPackageWithOptions } from '@electron/asar'
import { electronStep, findElectron, setFuses, SHIPPED_FUSES } from './setup/electron.js'
import {
  buildStep,
  checkNode,
  installStep,
  reportFailure,
  root,
  runSteps,
  StepFailed,
} from './setup/steps.js'
import { makeInstallers } from './packaging/installers.js'
import { packing } from './packaging/packed.js'
import { LOADED_BY_SYSTEM, stageProgram, version, write } from './packaging/stage-program.js'

/**
 * `npm run package`: on Linux a Debian package for this computer's processor, made with dpkg-deb alone. It holds Electron,
 * the built program, the models, the packages that the program loads, and their licences and bill of materials. With
 * --quick it is larger and made sooner, for the tests. On Windows and macOS the installers of that system, on Linux with
 * --appimage that one; words behind it are electron-builder's.
 */

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
const output = packing.folder
const stage = join(output, 'stage')
const home = join(stage, 'opt', 'margin')
const resources = join(home, 'resources')
const program = join(output, 'app')

/**
 * The window where nothing or a path was named, else a command, for which Chromium needs neither display nor, as root, its
 * sandbox: it shows no page.
 */
const START = `#!/bin/sh
if [ "\${1:-}" = open ]; then
  case " $* " in
    *' --door'*) ;;
    *) shift; exec /opt/margin/margin "$@" ;;
  esac
fi
case "\${1:-}" in
  --help | -h) ;;
  '' | -* | /* | ./* | ../*) exec /opt/margin/margin "$@" ;;
esac
sandbox=
if [ "$(id -u)" = 0 ]; then sandbox=--no-sandbox; fi
exec /opt/margin/margin $sandbox --ozone-platform=headless --disable-gpu -- "$@"
`
const DESKTOP = `[Desktop Entry]
Type=Application
Name=Margin
Comment=How sure a segmentation is. Research use only
Exec=margin %F
Icon=margin
Categories=Science;MedicalSoftware;
MimeType=application/dicom;inode/directory;
StartupWMClass=Margin
`
const LIBRARIES = 'libgtk-3-0, libnss3, libasound2, libgbm1, libxss1, libxtst6, xdg-utils'
/** Kilobytes, as dpkg counts. @param {number} installedKb */
const control = (installedKb) => `Package: margin
Version: ${version}
Architecture: ${architecture}
Maintainer: Margin <margin@localhost>
Depends: ${LIBRARIES}
Section: science
Priority: optional
Installed-Size: ${installedKb}
Description: How sure a segmentation is
 Plausible outlines, bands, variance and sizes with intervals beside human
 readings, for CT and fundus photographs. Research use only, no medical device.
`
/** Chromium's sandbox asks for the system's own right where users may not make name spaces. */
const POSTINST = `#!/bin/sh
set -e
chown root:root /opt/margin/chrome-sandbox
chmod 4755 /opt/margin/chrome-sandbox
if command -v update-desktop-database >/dev/null; then update-desktop-database -q || true; fi
`

/** Chromium's own words, which nobody sees: menus and dialogs are ours, or the system's. */
const unusedLocale = /\/locales\/(?!en-US\.)/

/** Electron under the program's name, without its own welcome, with its switches set. @param {string} electron */
function stageElectron(electron) {
  const keep = (/** @type {string} */ path) => !path.endsWith('default_app.asar') && !unusedLocale.test(path)
  // Itself, where a link leads to it: what is staged is changed.
  cpSync(realpathSync(electron), home, { recursive: true, filter: keep })
  const binary = readFileSync(join(home, 'electron'))
  setFuses(binary, SHIPPED_FUSES)
  write(join(home, 'margin'), binary, 0o755)
  rmSync(join(home, 'electron'))
}

/** The program and the packages that it loads, as one archive whose list holds a hash of each file. */
async function stageArchive() {
  mkdirSync(resources, { recursive: true })
  stageProgram({ program, resources, home })
  await createPackageWithOptions(program, join(resources, 'app.asar'), { unpack: LOADED_BY_SYSTEM })
  rmSync(program, { recursive: true })
}

function stageSystem() {
  write(join(stage, 'usr', 'bin', 'margin'), START, 0o755)
  write(join(stage, 'usr', 'share', 'applications', 'margin.desktop'), DESKTOP)
  const icon = (/** @type {string} */ size, /** @type {string} */ ending) =>
    join(stage, 'usr', 'share', 'icons', 'hicolor', size, 'apps', `margin.${ending}`)
  write(icon('scalable', 'svg'), readFileSync(join(root, 'src', 'renderer', 'theme', 'mark.svg')))
  for (const name of readdirSync(join(root, 'icons')).filter((each) => each.endsWith('.png'))) {
    const side = name.replace('.png', '')
    write(icon(`${side}x${side}`, 'png'), readFileSync(join(root, 'icons', name)))
  }
  const kb = Number(execFileSync('du', ['-sk', stage], { encoding: 'utf8' }).split('\t')[0])
  write(join(stage, 'DEBIAN', 'control'), control(kb))
  write(join(stage, 'DEBIAN', 'postinst'), POSTINST, 0o755)
}

/** Seconds since 1970: what is packed is of the commit's time, not of the day when somebody packed it. */
function committedAtS() {
  const said = process.env['SOURCE_DATE_EPOCH']
  if (said !== undefined) return Number(said)
  try {
    const words = ['log', '-1', '--format=%ct']
    return Number(
      execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    )
  } catch {
    return 0
  }
}

/** Everything below is of the commit's time, and readable by all. @param {string} folder */
function settleTimes(folder) {
  execFileSync('chmod', ['-R', 'u=rwX,go=rX', folder])
  execFileSync('find', [folder, '-exec', 'touch', '-h', '-d', `@${committedAtS()}`, '{}', '+'])
}

const packageStep = {
  name: `making the Debian package (${architecture})`,
  done: () => false,
  run: async () => {
    const electron = findElectron()
    if (process.platform !== 'linux' || electron === null || !existsSync('/usr/bin/dpkg-deb'))
      throw new StepFailed(
        'The package is made on Linux, with dpkg and an Electron program.',
        'Run it on Debian or its kin; node node_modules/electron/install.js fetches the program.',
      )
    rmSync(output, { recursive: true, force: true })
    stageElectron(electron.folder)
    await stageArchive()
    stageSystem()
    const file = join(output, `margin_${version}_${architecture}.deb`)
    settleTimes(stage)
    const made = ['--root-owner-group', ...packing.compression, '--threads-max=2', '--build', stage, file]
    const env = { ...process.env, SOURCE_DATE_EPOCH: String(committedAtS()) }
    execFileSync('dpkg-deb', made, { stdio: ['ignore', 'ignore', 'inherit'], env })
    rmSync(stage, { recursive: true })
    const mb = (statSync(file).size / 1e6).toFixed(0)
    process.stderr.write(`      ${file}: ${mb} MB, Electron ${electron.version}\n`)
    if (!electron.official) process.stderr.write('      for tests only: its Electron is the stand-in\n')
  },
}

const APPIMAGE = '--appimage'
const installersStep = {
  name: 'making the installers (electron-builder)',
  done: () => false,
  run: () => {
    makeInstallers(process.argv.slice(2).filter((word) => word !== APPIMAGE))
  },
}
const isDeb = process.platform === 'linux' && !process.argv.includes(APPIMAGE)

try {
  checkNode()
  await runSteps([installStep, buildStep, electronStep, isDeb ? packageStep : installersStep])
} catch (error) {
  reportFailure(error)
}
