import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { ESLint } from 'eslint'
import { expect, test } from 'vitest'
import { rooms } from '../scripts/rooms.js'

const root = resolve(import.meta.dirname, '..')

/**
 * The repository's own lint settings, without type information: a made-up file belongs to no TypeScript project, and
 * directions need none.
 */
async function importErrors(filePath: string, specifier: string): Promise<readonly string[]> {
  const eslint = new ESLint({
    cwd: root,
    ruleFilter: ({ ruleId }) => ruleId === 'boundaries/dependencies' || ruleId === 'no-restricted-imports',
    overrideConfig: { languageOptions: { parserOptions: { project: null, projectService: false } } },
  })
  const [result] = await eslint.lintText(`import { x } from '${specifier}'\nexport const y = x\n`, {
    filePath: resolve(root, filePath),
  })
  const messages = result?.messages ?? []
  const fatal = messages.find((message) => message.fatal === true)
  if (fatal !== undefined) throw new Error(fatal.message)
  return messages.map((message) => message.ruleId ?? '')
}

test.each([
  ['src/renderer/picture/made-up.ts', '../../main/app/services'],
  ['src/main/app/made-up.ts', '../../renderer/wire/http'],
  ['src/core/image/made-up.ts', '../../main/app/services'],
  ['src/core/image/made-up.ts', '../../renderer/wire/http'],
  ['src/contract/made-up.ts', '../core/image/mask'],
  ['src/contract/http/made-up.ts', '../../main/app/services'],
  ['src/preload/made-up.ts', '../core/image/mask'],
  ['src/preload/made-up.ts', '../main/app/services'],
  ['src/core/geometry/made-up.ts', '../dicom/read-file'],
  ['src/core/image/made-up.ts', '../uncertainty/bands'],
  ['src/core/contour/made-up.ts', '../exchange/export-readings'],
  ['src/core/dicom/made-up.ts', '../annotation/document'],
  ['src/core/dicom/write/made-up.ts', '../../exchange/exchange-reading'],
  ['src/core/exchange/made-up.ts', '../phantom/chest'],
  ['src/main/library/made-up.ts', '../readings/attempts'],
  ['src/main/library/decode/made-up.ts', '../../app/answer'],
  ['src/main/workspace/made-up.ts', '../accounts/password'],
  ['src/main/app/routes/made-up.ts', '../../compose/create-services'],
  ['src/renderer/viewer/tools/made-up.ts', '../../run/runs'],
  ['src/renderer/picture/made-up.ts', '../run/sections/RunSide.vue'],
  ['src/renderer/wire/made-up.ts', '../shell/heading'],
])('%s must not import %s', async (filePath, specifier) => {
  expect(await importErrors(filePath, specifier)).not.toEqual([])
})

test.each([
  ['src/renderer/picture/made-up.ts', '../../core/image/mask'],
  ['src/renderer/picture/made-up.ts', '../../contract'],
  ['src/main/app/made-up.ts', '../../core/image/mask'],
  ['src/main/app/made-up.ts', '../../contract'],
  ['src/core/image/made-up.ts', '../../contract'],
  ['src/core/dicom/made-up.ts', '../image/mask'],
  ['src/core/exchange/made-up.ts', '../contour/trace'],
  ['src/core/exchange/seg/made-up.ts', '../../dicom/write/write-dicom'],
  ['src/main/app/routes/made-up.ts', '../../readings/attempts'],
  ['src/main/compose/made-up.ts', '../version'],
  ['src/renderer/run/panels/made-up.ts', '../../picture/view-settings'],
  ['src/preload/made-up.ts', '../contract'],
])('%s may import %s', async (filePath, specifier) => {
  expect(await importErrors(filePath, specifier)).toEqual([])
})

test.each(Object.entries(rooms))('every folder of %s is a room that lint knows', (side, known) => {
  const folders = readdirSync(join(root, 'src', side), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
  expect(folders.toSorted()).toEqual(known.toSorted())
})

const sourceFiles = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(({ name }) => /\.(?:ts|vue)$/.test(name) && !name.endsWith('.test.ts'))
    .map(({ name, parentPath }) => join(parentPath, name))

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile()

/** What a file imports of the program itself, values and types alike. */
function importsOf(path: string): readonly string[] {
  const specifiers = [...readFileSync(path, 'utf8').matchAll(/(?:from\s+|import\s*\(?\s*)'(\.[^']*)'/g)]
  return specifiers.flatMap(([, specifier = '']) => {
    const target = resolve(dirname(path), specifier.replace(/\?.*$/, ''))
    return ['', '.ts', '.vue', '.d.ts', '/index.ts']
      .map((ending) => target + ending)
      .filter(isFile)
      .slice(0, 1)
  })
}

/** Every way back to where it came from: the first cycle below a file, or none. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const found: string[] = []
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): void => {
    const from = path.indexOf(file)
    if (from >= 0) found.push([...path.slice(from), file].map((one) => relative(root, one)).join(' -> '))
    if (from >= 0 || done.has(file)) return
    path.push(file)
    for (const next of graph.get(file) ?? []) visit(next)
    path.pop()
    done.add(file)
  }
  for (const file of graph.keys()) visit(file)
  return found
}

test('no file imports itself by a way round, be it for a value or a type', () => {
  const made = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', ['b']],
  ])
  expect(cycles(made)).toHaveLength(1)
  const files = sourceFiles(join(root, 'src'))
  expect(files.length).toBeGreaterThan(300)
  expect(cycles(new Map(files.map((path) => [path, importsOf(path)])))).toEqual([])
})
