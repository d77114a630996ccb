import { resolve } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { BUILT_FROM_FILE, builtFrom } from './scripts/built-from.js'

const source = (path: string): string => resolve(import.meta.dirname, 'src', path)

const built = builtFrom(import.meta.dirname)

/**
 * Nine programs come out of `src/main`: the Electron door (`index`), the command line with the browser door (`cli`),
 * the process that owns ONNX Runtime (`inference`), the one that decodes pictures (`pictures`), the decode worker
 * (`decode-worker`), the thread that reads a file beside an image (`beside-worker`), the thread that keeps the workspace
 * (`store-worker`), the one that writes an export (`write-worker`) and the one that compares readings
 * (`readings-worker`). Only `index` may import electron;
 * test/conformance/doors-built.test.ts holds it to that.
 */
export default defineConfig({
  main: {
    define: { BUILT_FROM: JSON.stringify(built) },
    plugins: [
      {
        name: 'what it was built from, as a file beside the programs',
        generateBundle() {
          this.emitFile({ type: 'asset', fileName: BUILT_FROM_FILE, source: built })
        },
      },
    ],
    build: {
      outDir: 'out/main',
      rolldownOptions: {
        input: {
          index: source('main/doors/electron.ts'),
          cli: source('main/cli/margin.ts'),
          inference: source('main/inference/child.ts'),
          pictures: source('main/library/picture-child.ts'),
          'decode-worker': source('main/library/decode/worker.ts'),
          'beside-worker': source('main/library/beside-worker.ts'),
          'store-worker': source('main/workspace/store-worker.ts'),
          'write-worker': source('main/exchange/write-worker.ts'),
          'readings-worker': source('main/readings/readings-worker.ts'),
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
    plugins: [vue()],
    worker: { format: 'es' },
    build: {
      outDir: resolve(import.meta.dirname, 'out/renderer'),
      rolldownOptions: { input: source('renderer/index.html') },
    },
  },
})
