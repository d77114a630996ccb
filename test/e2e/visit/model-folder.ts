import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..', '..', '..')
const shipped = join(root, 'models')
const fixtures = join(root, 'test', 'fixtures')

/** Every package of the repository. */
export const SHIPPED = ['lidc', 'retina'].flatMap((data) =>
  ['unet', 'probunet', 'cflow-planar', 'cflow-glow'].map((kind) => `${data}-${kind}`),
)
/** The same network under another name: compared with the original it must differ in nothing. */
export const COPY = 'lidc-copy'
/** A package whose sampler is not the file of its manifest. */
export const BROKEN = 'damaged'

export interface ModelFolder {
  readonly path: string
  readonly remove: () => void
}

/** A folder with all shipped packages, a copy of one, and a damaged one. */
export function modelFolder(): ModelFolder {
  const path = mkdtempSync(join(tmpdir(), 'margin-models-'))
  for (const name of readdirSync(shipped)) copy(join(shipped, name), join(path, name))
  copy(join(shipped, 'lidc-cflow-planar'), join(path, COPY))
  rename(join(path, COPY), COPY)
  copy(join(fixtures, 'tiny-model', 'tiny-ct'), join(path, BROKEN))
  rename(join(path, BROKEN), BROKEN)
  writeFileSync(join(path, BROKEN, 'sampler.onnx'), 'not the sampler')
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true })
    },
  }
}

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true })
}

/** The manifest under the name of its folder. */
function rename(directory: string, id: string): void {
  const path = join(directory, 'manifest.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  writeFileSync(path, JSON.stringify({ ...manifest, id }))
}
