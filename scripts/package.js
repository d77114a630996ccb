import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { electronStep, findElectron } from './electron.js'
import { buildStep, checkNode, installStep, reportFailure, root, runSteps, StepFailed } from './steps.js'
import { shippedPackages } from './shipped-packages.js'

/**
 * `npm run package`: a Debian package for this computer's processor, made with dpkg-deb alone. It holds Electron, the
 * built program, the models, the packages that the program loads, and their licences and bill of materials.
 */

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64'
const output = join(root, 'build', 'packed')
const stage = join(output, 'stage')
const home = join(stage, 'opt', 'margin')
const program = join(home, 'resources', 'app')

/** The window where nothing was asked; the command line, which needs no display, where something was. */
const START = `#!/bin/sh
case "\${1:-}" in
  '' | -* | /* | ./* | ../*) exec /opt/margin/margin "$@" ;;
esac
ELECTRON_RUN_AS_NODE=1 exec /opt/margin/margin /opt/margin/resources/app/out/main/cli.js "$@"
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

/** @param {string} path @param {string} text @param {number} [mode] */
function write(path, text, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, mode)
}

/** Electron under the program's name, without its own welcome. @param {string} electron */
function stageElectron(electron) {
  cpSync(electron, home, { recursive: true, filter: (path) => !path.endsWith('default_app.asar') })
  execFileSync('mv', [join(home, 'electron'), join(home, 'margin')])
}

function stageProgram() {
  cpSync(join(root, 'out'), join(program, 'out'), { recursive: true })
  const about = { name: 'margin', productName: 'Margin', version, type: 'module', main: 'out/main/index.js' }
  write(join(program, 'package.json'), `${JSON.stringify(about, null, 2)}\n`)
  // Weights for further training are not drawn with.
  const drawn = (/** @type {string} */ path) => !path.endsWith('checkpoint.safetensors')
  cpSync(join(root, 'models'), join(program, 'models'), { recursive: true, filter: drawn })
  const packages = shippedPackages(root)
  for (const { path, keep } of packages)
    cpSync(join(root, path), join(program, path), { recursive: true, dereference: true, filter: keep })
  const components = packages.map((each) => ({
    type: 'library',
    name: each.name,
    version: each.version,
    licenses: [{ expression: each.licence }],
    purl: `pkg:npm/${each.name.replace('@', '%40')}@${each.version}`,
  }))
  const bill = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components }
  write(join(home, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`)
  const licences = packages.map(({ name, licence, text }) => `${name} (${licence})\n\n${text}\n`)
  write(join(home, 'third-party-licences.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`))
  cpSync(join(root, 'LICENSE'), join(home, 'LICENSE.margin.txt'))
}

function stageSystem() {
  write(join(stage, 'usr', 'bin', 'margin'), START, 0o755)
  write(join(stage, 'usr', 'share', 'applications', 'margin.desktop'), DESKTOP)
  const icon = join(stage, 'usr', 'share', 'icons', 'hicolor', 'scalable', 'apps', 'margin.svg')
  write(icon, readFileSync(join(root, 'src', 'renderer', 'theme', 'mark.svg'), 'utf8'))
  const kb = Number(execFileSync('du', ['-sk', stage], { encoding: 'utf8' }).split('\t')[0])
  write(join(stage, 'DEBIAN', 'control'), control(kb))
  write(join(stage, 'DEBIAN', 'postinst'), POSTINST, 0o755)
}

const packageStep = {
  name: `making the Debian package (${architecture})`,
  done: () => false,
  run: () => {
    const electron = findElectron()
    if (process.platform !== 'linux' || electron === null || !existsSync('/usr/bin/dpkg-deb'))
      throw new StepFailed(
        'The package is made on Linux, with dpkg and an Electron program.',
        'Run it on Debian or its kin; node node_modules/electron/install.js fetches the program.',
      )
    rmSync(output, { recursive: true, force: true })
    stageElectron(electron.folder)
    stageProgram()
    stageSystem()
    const file = join(output, `margin_${version}_${architecture}.deb`)
    const made = ['--root-owner-group', '-Zzstd', '-z10', '--build', stage, file]
    execFileSync('dpkg-deb', made, { stdio: ['ignore', 'ignore', 'inherit'] })
    rmSync(stage, { recursive: true })
    const mb = (statSync(file).size / 1e6).toFixed(0)
    process.stderr.write(`      ${file}: ${mb} MB, Electron ${electron.version}\n`)
    if (!electron.official) process.stderr.write('      for tests only: its Electron is the stand-in\n')
  },
}

try {
  checkNode()
  runSteps([installStep, buildStep, electronStep, packageStep])
} catch (error) {
  reportFailure(error)
}
