import { spawnSync } from 'node:child_process'
import { dirname, join, resolve } from 'node:path'
import { build } from 'vite'

// Bundles the benchmarks with the program's own code and runs them under Node; `npm run bench -- --help` prints usage.
const root = resolve(import.meta.dirname, '..')
const outDir = join(root, 'build', 'bundles', 'bench')

/** A file in the bundle still finds what lies beside it. @type {import('vite').Plugin} */
const ownFolders = {
  name: 'folders of their own',
  transform: (code, id) =>
    id.includes('node_modules') ? null : code.replaceAll('import.meta.dirname', JSON.stringify(dirname(id))),
}

await build({
  configFile: false,
  root,
  logLevel: 'error',
  plugins: [ownFolders],
  build: {
    ssr: join(root, 'test/bench/run.ts'),
    outDir,
    emptyOutDir: true,
    target: 'node20',
    rolldownOptions: { output: { format: 'es', entryFileNames: 'run.js' } },
  },
})

const ran = spawnSync(process.execPath, [join(outDir, 'run.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exitCode = ran.status ?? 1
