import { cpSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CASE_DIR, root } from '../setup/steps.js'
import { BUNDLED_FILE, byPath, packagesAt, shippedPackages } from './shipped-packages.js'

/** What every package holds, whichever system it is for: the program with what it loads, models, the built-in case, papers. */

export const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** What the system loads itself lies beside the archive: Electron would copy it out at each start. */
export const LOADED_BY_SYSTEM = '{**/*.node,**/*.so,**/*.so.*,**/*.dylib,**/*.dll}'

/** @param {string} path @param {string | Uint8Array} content @param {number} [mode] */
export function write(path, content, mode = 0o644) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  chmodSync(path, mode)
}

/** Weights for further training are not drawn with: they come along for the models that are trained from unasked. */
const CHECKPOINT = 'checkpoint.safetensors'
const TRAINED_FROM = ['lidc-cflow-planar', 'retina-cflow-planar']

/**
 * The program and the packages that it loads, as they go into the archive; models and built-in case below `resources`, papers into `home`.
 *
 * @param {{ readonly program: string, readonly resources: string, readonly home: string }} folders
 */
export function stageProgram({ program, resources, home }) {
  const isCase = (/** @type {string} */ path) => path === join(root, CASE_DIR)
  cpSync(join(root, 'out'), join(program, 'out'), { recursive: true, filter: (path) => !isCase(path) })
  cpSync(join(root, CASE_DIR), join(resources, 'case'), { recursive: true })
  const about = { name: 'margin', productName: 'Margin', version, type: 'module', main: 'out/main/index.js' }
  write(join(program, 'package.json'), `${JSON.stringify(about, null, 2)}\n`)
  const loaded = shippedPackages(root)
  for (const { path, keep } of loaded)
    cpSync(join(root, path), join(program, path), { recursive: true, dereference: true, filter: keep })
  const wanted = (/** @type {string} */ path) =>
    !path.endsWith(CHECKPOINT) || TRAINED_FROM.some((id) => path.endsWith(join(id, CHECKPOINT)))
  cpSync(join(root, 'models'), join(resources, 'models'), { recursive: true, filter: wanted })
  stageTrainer(join(resources, 'trainer'))
  const bundled = packagesAt(root, JSON.parse(readFileSync(join(root, BUNDLED_FILE), 'utf8')))
  stagePapers(home, byPath([...loaded, ...bundled]))
}

/** The trainer's own sources and what it needs; its Python is set up by whoever trains. @param {string} folder */
function stageTrainer(folder) {
  const source = (/** @type {string} */ path) => !/__pycache__|\.pyc$/.test(path)
  cpSync(join(root, 'trainer', 'margin_trainer'), join(folder, 'margin_trainer'), {
    recursive: true,
    filter: source,
  })
  cpSync(join(root, 'trainer', 'requirements.txt'), join(folder, 'requirements.txt'))
}

/** Bill of materials and licences. @param {string} home @param {readonly import('./shipped-packages.js').Shipped[]} packages */
function stagePapers(home, packages) {
  const components = packages.map((each) => ({
    type: 'library',
    name: each.name,
    version: each.version,
    licenses: [{ expression: each.licence }],
    purl: `pkg:npm/${each.name.replace('@', '%40')}@${each.version}`,
  }))
  const metadata = { component: { type: 'application', name: 'margin', version } }
  const bill = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata, components }
  write(join(home, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`)
  const licences = packages.map(({ name, licence, text }) => `${name} (${licence})\n\n${text}\n`)
  write(join(home, 'third-party-licences.txt'), licences.join(`\n${'-'.repeat(80)}\n\n`))
  cpSync(join(root, 'LICENSE'), join(home, 'LICENSE.margin.txt'))
}
