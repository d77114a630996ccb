import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'vite'
import { z } from 'zod'

// `npm run training-schema` writes what crosses between the program and the trainer as JSON Schema, for Python to check with.
const root = resolve(import.meta.dirname, '..')
const outDir = join(root, 'build', 'bundles', 'training-schema')

export const schemaFolder = join(root, 'trainer', 'margin_trainer', 'schema')

/** File and schema of the contract. @type {Readonly<Record<string, string>>} */
export const crossing = {
  'training-set.json': 'TrainingSet',
  'to-worker.json': 'ToWorker',
  'from-worker.json': 'FromWorker',
  'gate-report.json': 'GateReport',
  'model-version.json': 'ModelVersion',
}

/**
 * The text of a schema's file.
 *
 * @param {z.ZodType} schema
 */
export const jsonSchemaText = (schema) => `${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: join(root, 'src/contract/index.ts'),
      outDir,
      emptyOutDir: true,
      rolldownOptions: { output: { entryFileNames: 'contract.js' } },
    },
  })
  const contract = await import(pathToFileURL(join(outDir, 'contract.js')).href)
  mkdirSync(schemaFolder, { recursive: true })
  for (const [file, name] of Object.entries(crossing)) {
    writeFileSync(join(schemaFolder, file), jsonSchemaText(contract[name]))
    process.stderr.write(`${join(schemaFolder, file)}\n`)
  }
}
