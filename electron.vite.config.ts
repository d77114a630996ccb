import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { BUILT_FROM_FILE, builtFrom } from './scripts/setup/built-from.js'
import { bundledPackages } from './scripts/packaging/bundled-packages.js'
import { withoutCodecs } from './scripts/packaging/without-codecs.js'
import { lengthsFollowText } from './scripts/rem.js'
import { guideFiles, licencePage } from './scripts/guide.js'
import { BUNDLED_FILE, byPath, packagesAt, shippedPackages } from './scripts/packaging/shipped-packages.js'

const source = (path: string): string => resolve(import.meta.dirname, 'src', path)

/**
 * What these rooms say is said when it is asked for: a program reads those of their files alone that it uses, at its first
 * use. Else every schema of the contract is put together before the first screen stands, twice.
 */
const treeshake = {
  moduleSideEffects: [{ test: /\/src\/(contract|core)\//, sideEffects: false }],
}

/** One file for the first screen and one for what shows a case: each request costs more than most of the files that it would bring. */
const FEW_FILES = [
  { name: 'first', tags: ['$initial' as const], priority: 2 },
  { name: 'reading', test: /renderer\/read\/ReadView\.vue$/, priority: 1 },
]

const built = builtFrom(import.meta.dirname)
const bundled = bundledPackages(import.meta.dirname)

/** The guide and the licences beside the page; built last, when all that is bundled is known. */
const besideThePage = {
  name: 'the guide and the licences',
  async generateBundle(this: { emitFile: (file: object) => void }): Promise<void> {
    const guide = await guideFiles(import.meta.dirname)
    const licences = licencePage(
      byPath([...shippedPackages(import.meta.dirname), ...packagesAt(import.meta.dirname, bundled.paths())]),
    )
    for (const { name, bytes } of [...guide, { name: 'licences.html', bytes: licences }])
      this.emitFile({ type: 'asset', fileName: `guide/${name}`, source: bytes })
  },
  closeBundle(): void {
    writeFileSync(resolve(import.meta.dirname, BUNDLED_FILE), `${JSON.stringify(bundled.paths(), null, 2)}\n`)
  },
}

/**
 * Twelve programs come out of `src/main`: the Electron door (`index`), the command line with the browser door (`cli`),
 * the process that owns ONNX Runtime (`inference`), the one that decodes and draws pictures (`pictures`), the decode worker
 * (`decode-worker`), the thread that reads a file beside an image (`beside-worker`), the thread that keeps the workspace
 * (`store-worker`), the one that writes an export (`write-worker`), the one that compares readings (`readings-worker`),
 * the one that asks an archive (`archive-worker`), the one that receives what others send (`receiver-worker`), and the one that makes the built-in case when Margin is built (`write-case`). Only `index` may import electron;
 * test/conformance/doors/doors-built.test.ts holds it to that.
 */
export default defineConfig({
  main: {
    define: { BUILT_FROM: JSON.stringify(built) },
    plugins: [
      {
        name: 'what it was built from and its icon, as files beside the programs',
        generateBundle() {
          this.emitFile({ type: 'asset', fileName: BUILT_FROM_FILE, source: built })
          const icon = readFileSync(resolve(import.meta.dirname, 'icons', '256.png'))
          this.emitFile({ type: 'asset', fileName: 'icon.png', source: icon })
        },
      },
      withoutCodecs(),
      bundled.note(),
    ],
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        treeshake,
        input: {
          index: source('main/cli/electron.ts'),
          cli: source('main/cli/margin.ts'),
          inference: source('main/inference/process/child.ts'),
          pictures: source('main/pictures/picture-child.ts'),
          'decode-worker': source('main/library/decode/worker.ts'),
          'beside-worker': source('main/library/beside-worker.ts'),
          'store-worker': source('main/workspace/store-worker.ts'),
          'write-case': source('main/demo/write-case.ts'),
          'write-worker': source('main/exchange/write-worker.ts'),
          'readings-worker': source('main/readings/readings-worker.ts'),
          'archive-worker': source('main/pacs/archive-worker.ts'),
          'receiver-worker': source('main/pacs/receiving/receiver-worker.ts'),
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rolldownOptions: {
        input: { index: source('preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: source('renderer'),
    base: './',
    plugins: [vue(), bundled.note(), besideThePage],
    css: { postcss: lengthsFollowText },
    worker: { format: 'es', plugins: () => [bundled.note()] },
    build: {
      // A third of the bytes to read before the first screen stands.
      minify: true,
      outDir: resolve(import.meta.dirname, 'out/renderer'),
      rolldownOptions: {
        treeshake,
        input: source('renderer/index.html'),
        output: { codeSplitting: { groups: FEW_FILES } },
      },
    },
  },
})
