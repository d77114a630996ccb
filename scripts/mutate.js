import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { mutantsOf } from './mutation/mutants.js'
import { mutationTargets } from './mutation/mutation-targets.js'
import { folder, root } from './setup/steps.js'

/**
 * `npm run mutate [-- WORD… --most N --write]`: puts one mistake after another into the files of mutation-targets.js
 * (those whose path holds a WORD) and counts how many their tests find. Nothing on disk is changed: the mistake is put
 * in while the file is loaded (vitest.mutate.config.ts). `--most N` tries N of a file, evenly spread (default 40);
 * `--write` writes docs/mutations.md.
 */

/** @typedef {import('./mutation/mutants.js').Mutant} Mutant */
/** @typedef {{ readonly path: string, readonly tried: number, readonly all: number, readonly survived: readonly Mutant[] }} Score */

/** Tests that hang find the mistake too. */
const LIMIT_MS = 120_000
const LANES = 2

/**
 * @param {readonly string[]} tests
 * @param {string} path
 * @param {Mutant | null} mutant null: as it stands
 * @returns {Promise<boolean>} whether the tests pass
 */
function passes(tests, path, mutant) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const args = [vitest, 'run', '--config', 'vitest.mutate.config.ts', '--bail=1', '--reporter=dot', ...tests]
  const env = { ...process.env, MARGIN_MUTANT: JSON.stringify({ path: join(root, path), mutant }) }
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore', env })
  const timer = setTimeout(() => child.kill(), LIMIT_MS)
  return new Promise((ended) => {
    child.on('close', (code) => {
      clearTimeout(timer)
      ended(code === 0)
    })
  })
}

/** @param {readonly Mutant[]} all @param {number} most @returns {readonly Mutant[]} evenly spread over the file */
const spread = (all, most) =>
  all.length <= most
    ? all
    : Array.from({ length: most }, (_, k) => all[Math.floor((k * all.length) / most)]).filter(
        (mutant) => mutant !== undefined,
      )

/**
 * @param {{ readonly path: string, readonly tests: readonly string[] }} target
 * @param {number} most
 * @returns {Promise<Score>}
 */
async function score({ path, tests }, most) {
  const soundOrThrow = async () => {
    if (!(await passes(tests, path, null))) throw new Error(`${path}: its tests fail as it stands`)
  }
  await soundOrThrow()
  const all = mutantsOf(readFileSync(join(root, path), 'utf8'))
  const waiting = [...spread(all, most)]
  const tried = waiting.length
  /** @type {Mutant[]} */
  const survived = []
  const lane = async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift())
      if (await passes(tests, path, mutant)) survived.push(mutant)
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  // Else something other than the mistakes made the tests fail meanwhile.
  await soundOrThrow()
  return { path, tried, all: all.length, survived: survived.sort((a, b) => a.start - b.start) }
}

/** @param {readonly Score[]} scores @returns {string} */
function page(scores) {
  const tried = scores.reduce((sum, each) => sum + each.tried, 0)
  const found = tried - scores.reduce((sum, each) => sum + each.survived.length, 0)
  const rows = scores.map(
    ({ path, tried: of, all, survived }) =>
      `| \`${path}\` | ${of} of ${all} | ${of - survived.length} | ${survived.length} |`,
  )
  const left = scores.flatMap(({ path, survived }) =>
    survived.map(({ line, what }) => `* \`${path}:${line}\` \`${what.replaceAll('`', "'").slice(0, 100)}\``),
  )
  return [
    '# Mistakes that the tests find',
    '',
    'Written by `npm run mutate -- --write`: one mistake at a time (an operator, a condition turned round, a number one larger, a call left out) is put into a file while it is loaded, and the file’s own tests are run. A mistake that no test finds is listed; some of them change nothing that anybody could see.',
    '',
    `**${found} of ${tried} found (${Math.round((100 * found) / Math.max(1, tried))} %).**`,
    '',
    '| file | tried | found | not found |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '## Not found',
    '',
    ...left,
    '',
  ].join('\n')
}

const args = process.argv.slice(2)
const most = args.includes('--most') ? Number(args[args.indexOf('--most') + 1]) : 40
const words = args.filter((word, at) => !word.startsWith('--') && args[at - 1] !== '--most')
const chosen = mutationTargets.filter(
  ({ path }) => words.length === 0 || words.some((word) => path.includes(word)),
)
/** @type {Score[]} */
const scores = []
for (const target of chosen) {
  const scored = await score(target, most)
  scores.push(scored)
  process.stdout.write(`${scored.path}: ${scored.tried - scored.survived.length} of ${scored.tried} found\n`)
  for (const { line, what } of scored.survived) process.stdout.write(`  ${scored.path}:${line} ${what}\n`)
}
writeFileSync(join(folder('build'), 'mutations.json'), `${JSON.stringify(scores, null, 2)}\n`)
if (args.includes('--write')) {
  const written = join(root, 'docs', 'mutations.md')
  writeFileSync(written, page(scores))
  process.stdout.write(`${relative(root, written)}\n`)
}
