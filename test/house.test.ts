import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, join, normalize, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { drawArchitecture, pictureFile, processes } from '../scripts/architecture.js'

/** Rules of the house that no compiler checks: what CONTRIBUTING.md asks of names, lengths, exports, licences and links. */

const root = resolve(import.meta.dirname, '..')
const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 26,
})
const files = listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)))
const codeExtensions = new Set(['.ts', '.vue', '.js', '.py'])
const code = files.filter((path) => codeExtensions.has(extname(path)))
const sources = code.filter((path) => path.startsWith('src/') && !path.endsWith('.test.ts'))

const texts = new Map<string, string>()
function textOf(path: string): string {
  const text = texts.get(path) ?? readFileSync(join(root, path), 'utf8')
  texts.set(path, text)
  return text
}

/** Every `path: what` that a rule finds, so that one failure shows all of them. */
const findings = (
  paths: readonly string[],
  find: (path: string, text: string) => readonly string[],
): string[] => paths.flatMap((path) => find(path, textOf(path)).map((what) => `${path}: ${what}`))

test('no file, folder or class hides behind a name that says nothing', () => {
  const banned = new Set([
    'util',
    'utils',
    'helper',
    'helpers',
    'misc',
    'common',
    'shared',
    'manager',
    'handler',
  ])
  const words = (path: string): readonly string[] => path.toLowerCase().split(/[/._-]/)
  expect(code.filter((path) => words(path).some((word) => banned.has(word)))).toEqual([])

  const declared = /^\s*(?:export )?(?:abstract )?(?:class|interface|type|enum) (\w+)/gm
  const empty = /(?:Utils?|Helpers?|Managers?|Handlers?|Data|Info|Item)$/
  const names = findings(code, (_path, text) =>
    [...text.matchAll(declared)].map((match) => match[1] ?? '').filter((name) => empty.test(name)),
  )
  expect(names).toEqual([])
})

test('a file is one idea: at most 400 lines of code', () => {
  const long = findings(code, (_path, text) => {
    const lines = text.split('\n').filter((line) => !/^\s*(?:$|\/\/|\/?\*|#)/.test(line)).length
    return lines > 400 ? [`${lines} lines`] : []
  })
  expect(long).toEqual([])
})

test('what is left to do carries the number of an issue', () => {
  // Put together here, so that this file does not find itself.
  const left = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`)
  const open = findings(code, (_path, text) =>
    text.split('\n').filter((line) => left.test(line) && !/#\d+/.test(line)),
  )
  expect(open).toEqual([])
})

interface Import {
  /** The file, without its extension. */
  readonly target: string
  /** null: everything. */
  readonly names: readonly string[] | null
}

function importsOf(path: string, text: string): readonly Import[] {
  const target = (specifier: string): string =>
    normalize(join(dirname(path), specifier))
      .replaceAll('\\', '/')
      .replace(/\.(ts|vue|js)$/, '')
  const named = [...text.matchAll(/(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from\s+'(\.[^']*)'/g)]
  const whole = [
    ...text.matchAll(/(?:import\(\s*|new URL\(\s*|(?:import|export)\s+\*[^']*from\s+)'(\.[^']*)'/g),
  ]
  return [
    ...named.map(([, names = '', specifier = '']) => ({
      target: target(specifier),
      names: names.split(',').map(
        (name) =>
          name
            .trim()
            .replace(/^type\s+/, '')
            .split(/\s+as\s+/)[0] ?? '',
      ),
    })),
    ...whole.map(([, specifier = '']) => ({ target: target(specifier), names: null })),
  ]
}

test('what is exported is used somewhere in the program; a test alone is no use', () => {
  const programs = [...sources, ...code.filter((path) => /^(scripts|bin|test\/bench)\//.test(path))]
  const used = new Set<string>()
  for (const path of programs) {
    for (const { target, names } of importsOf(path, textOf(path))) {
      for (const name of names ?? ['*']) used.add(`${target} ${name}`)
    }
  }
  // Types name what a public function takes and gives; contract is what others are built against.
  const exported = /^export (?:async )?(?:function\*?|const|class|enum) (\w+)/gm
  const dead = findings(
    sources.filter((path) => !path.startsWith('src/contract/') && !path.endsWith('.d.ts')),
    (path, text) => {
      const target = path.replace(/\.(ts|vue)$/, '')
      if (used.has(`${target} *`)) return []
      const names = [...text.matchAll(exported)].map((match) => match[1] ?? '')
      const inside = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      const usedInside = (name: string): boolean => inside.split(new RegExp(`\\b${name}\\b`)).length > 2
      return names.filter((name) => !used.has(`${target} ${name}`) && !usedInside(name))
    },
  )
  expect(dead).toEqual([])
})

const Package = z.looseObject({
  version: z.string().optional(),
  license: z.string().optional(),
  dev: z.boolean().optional(),
  resolved: z.string().optional(),
})
const Lock = z.looseObject({ packages: z.record(z.string(), Package) })
const Declared = z.looseObject({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
})
const lock = Lock.parse(JSON.parse(textOf('package-lock.json')))
const declared = Declared.parse(JSON.parse(textOf('package.json')))

test('what is shipped may be shipped under Apache-2.0', () => {
  const allowed = new Set([
    '0BSD',
    'Apache-2.0',
    'BlueOak-1.0.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'ISC',
    'MIT',
    'MIT OR Apache-2.0',
    // Fonts: MIT the package, OFL the letters, which may be embedded and handed on beside any licence.
    'MIT AND OFL-1.1',
    '(MIT AND Zlib)',
    '(MIT OR CC0-1.0)',
    '(MIT OR GPL-3.0-or-later)',
    'Unlicense',
  ])
  // A library of its own beside the program, which its user may replace: what the LGPL asks for.
  const separate = /^node_modules\/@img\/sharp-/
  // Its LICENSE file is that of MIT; its package.json forgets to say so.
  const saidInFile = new Map([['node_modules/png-js', 'MIT']])
  const shipped = Object.entries(lock.packages).filter(([path, entry]) => path !== '' && entry.dev !== true)
  const foreign = shipped.flatMap(([path, entry]) => {
    const installed = join(root, path, 'package.json')
    const own = existsSync(installed) ? Package.safeParse(JSON.parse(readFileSync(installed, 'utf8'))) : null
    const declaredLicense = entry.license ?? (own?.success === true ? own.data.license : undefined)
    const license = declaredLicense ?? saidInFile.get(path) ?? 'unknown'
    const fits = allowed.has(license) || (separate.test(path) && license.includes('LGPL-3.0-or-later'))
    return fits ? [] : [`${path}: ${license}`]
  })
  expect(shipped.length).toBeGreaterThan(15)
  expect(foreign).toEqual([])
})

test('every package that is used is declared, with one exact version', () => {
  // What the bench fetches to stand beside: in a package of its own, so that nobody else has to install it.
  const peers = Declared.pick({ dependencies: true }).parse(
    JSON.parse(textOf('test/bench/cornerstone3d/package.json')),
  ).dependencies
  const all = { ...declared.dependencies, ...declared.devDependencies, ...peers }
  expect(Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])

  const bare =
    /(?:from\s+|import\(\s*|import\s+|require(?:\.resolve)?\(\s*)'((?:@[a-z0-9-]+\/)?[a-z][\w.-]*)(?:\/[^']*)?'/g
  const typeScript = code.filter((path) => extname(path) !== '.py')
  const undeclared = findings(typeScript, (_path, text) => {
    const names = [...text.matchAll(bare)]
      .map((match) => match[1] ?? '')
      .filter((name) => !name.startsWith('node:'))
    // What the build puts into the programs is a tool of it; what they load besides is held by doors-built.test.ts.
    return [...new Set(names)].filter((name) => !Object.hasOwn(all, name) && !text.includes(`node:${name}`))
  })
  expect(undeclared).toEqual([])
})

test('every package that is declared is used', () => {
  const texts = code.filter((path) => path !== 'test/house.test.ts').map(textOf)
  const names = Object.keys({ ...declared.dependencies, ...declared.devDependencies })
  const named = (name: string): boolean => {
    // In quotes as an import or as a folder of node_modules, in the scripts of package.json, or as a test's environment.
    const use = new RegExp(
      `(?:['"(]|@vitest-environment )${name.replaceAll('.', '\\.')}(?:/[^'"]*)?(?:['")]|\\s|$)`,
      'm',
    )
    return texts.some((text) => use.test(text))
  }
  const unused = names.filter((name) => {
    // Types belong to the package, or to Node itself, that they describe.
    const described = /^@types\/(.+)$/.exec(name)?.[1]
    if (described === 'node') return false
    return !named(described ?? name)
  })
  expect(unused).toEqual([])
})

test('the places of Python and of the test data are said once', () => {
  // Put together here, so that this file does not find itself.
  const places = new RegExp(['\\.venv.{1,6}(?:bin|Scripts)', 'MARGIN_PYTHON', 'MARGIN_TEST_DATA'].join('|'))
  const tests = code.filter(
    (path) => /\.ts$/.test(path) && (path.startsWith('test/') || path.startsWith('src/')),
  )
  const naming = tests.filter((path) => path !== 'test/house.test.ts' && places.test(textOf(path)))
  // The program looks for the Python that trains in one place of its own.
  expect(naming.sort()).toEqual(['src/main/training/find-python.ts', 'test/python.ts', 'test/test-data.ts'])
})

test('every link of the documents leads somewhere', () => {
  const documents = files.filter((path) => extname(path) === '.md')
  const broken = findings(documents, (path, text) => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map((match) => match[1] ?? '')
    return targets.filter((target) => {
      if (/^(?:[a-z]+:|#)/.test(target)) return false
      const file = decodeURIComponent(target.split('#')[0] ?? '')
      return !existsSync(join(root, dirname(path), file))
    })
  })
  expect(broken).toEqual([])
})

test('a comment cites only documents that a reader of this repository has', () => {
  const documents = files.filter((path) => extname(path) === '.md').map((path) => `/${path}`)
  const cited = /(?<![\w/.:-])(?:[\w.-]+\/)*[\w-]+\.md\b/g
  // What tests and scripts say of their data stands with the data, for those who have it.
  const program = files.filter((path) => /^src\/.*(?<!\.test)\.(?:ts|vue|css)$/.test(path))
  const missing = findings(program, (_path, text) =>
    [...text.matchAll(cited)]
      .map(([name]) => name)
      .filter((name) => !documents.some((path) => path.endsWith(`/${name}`))),
  )
  expect(missing).toEqual([])
})

test('nothing names the computer that it was written on, nor the place that packages came from', () => {
  // Put together here, so that this file does not find itself.
  const homes = ['home', 'Users', 'root', 'work'].map((folder) => `/${folder}/`).join('|')
  const hosts = ['registry\\.npm', 'pypi\\.org', 'pythonhosted', 'npmmirror'].join('|')
  const places = new RegExp(`(?:^|["'\`\\s=(:])(?:${homes})[\\w.-]|${hosts}`, 'm')
  const plain = files.filter((path) =>
    /\.(?:ts|vue|js|py|json|md|toml|yml|yaml|css|html|txt)$|^\.ci\//.test(path),
  )
  const found = findings(
    plain.filter((path) => path !== 'test/house.test.ts'),
    (_path, text) => {
      const match = places.exec(text)
      return match === null ? [] : [match[0].trim()]
    },
  )
  expect(found).toEqual([])
  expect(Object.values(lock.packages).filter((entry) => entry.resolved !== undefined)).toEqual([])
})

test('one module loads ONNX Runtime, behind the word that keeps it silent', () => {
  const loads = /^(?!import type)[^\n]*(?:from |import\()'onnxruntime-node'/m
  const loading = code.filter((path) => path !== 'test/house.test.ts' && loads.test(textOf(path)))
  expect(loading).toEqual(['src/main/inference/process/onnx-runtime.ts'])
})

test('the map of the house shows the house as it stands', () => {
  const named = findings(['docs/architecture.md'], (_path, text) =>
    [...text.matchAll(/`((?:src|test|scripts|trainer)\/[\w./-]+)`/g)]
      .map(([, path = '']) => path)
      .filter((path) => !existsSync(join(root, path))),
  )
  expect(named).toEqual([])
  expect(processes.filter(({ file }) => !existsSync(join(root, file)))).toEqual([])
  // Drawn anew by `npm run architecture` when a room comes or goes.
  expect(readFileSync(pictureFile, 'utf8')).toBe(drawArchitecture())
})

test('every decision stands in the index', () => {
  const index = textOf('docs/decisions/README.md')
  const records = files.filter((path) => /^docs\/decisions\/\d{4}-/.test(path))
  expect(records.length).toBeGreaterThan(20)
  expect(records.filter((path) => !index.includes(`(${path.slice('docs/decisions/'.length)})`))).toEqual([])
  const numbers = records.map((path) => path.slice('docs/decisions/'.length, 'docs/decisions/0000'.length))
  expect(numbers.length).toBe(new Set(numbers).size)
})

/** A newcomer's twelve nouns: where one would look, a file of that name. */
test.each([
  ['window preset', 'src/renderer/picture/window-presets.ts'],
  ['GED', 'src/core/measures/ged.ts'],
  ['blind rule', 'src/core/annotation/blinding.ts'],
  ['rescale', 'src/core/dicom/pixels/rescale.ts'],
  ['undo', 'src/core/annotation/undo.ts'],
  ['STAPLE', 'src/core/measures/staple.ts'],
  ['seed', 'src/core/sampling/seed.ts'],
  ['crop', 'src/core/sampling/crop.ts'],
  ['palette', 'src/core/image/palette.ts'],
  ['audit chain', 'src/core/annotation/audit-chain.ts'],
  ['SEG writer', 'src/core/exchange/seg/write-segmentation.ts'],
  ['Glow', 'trainer/margin_trainer/flows/glow.py'],
])('%s is found by its name', (_noun, path) => {
  expect(files).toContain(path)
})
