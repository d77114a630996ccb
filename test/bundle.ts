import { join, resolve } from 'node:path'
import { build } from 'vite'

const root = resolve(import.meta.dirname, '..')

/**
 * Bundles one TypeScript entry of the repository for Node, packages left outside, and gives the path of the program.
 * For tests and benchmarks that start a process of their own without building everything.
 */
export async function bundle(entry: string, name: string): Promise<string> {
  const outDir = join(root, 'build', 'bundles', name)
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: join(root, entry),
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rolldownOptions: { output: { format: 'es', entryFileNames: `${name}.js` } },
    },
  })
  return join(outDir, `${name}.js`)
}
