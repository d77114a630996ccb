import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { gaugeWords, takeGauge } from './gauge'
import type { Reading } from './gauge'
import { loadWarning, machine, measure } from './harness'
import type { BenchSet, Claim, Row, Skipped } from './harness'
import { batchBenches } from './batch.bench'
import { decodeBenches } from './decode.bench'
import { drawBenches } from './draw.bench'
import { latentBenches } from './latent.bench'
import { pageBenches } from './page.bench'
import { planeBenches } from './plane.bench'
import { scanBenches } from './scan.bench'
import { samplerBenches } from './sampler.bench'
import { windowBenches } from './window.bench'

interface Family {
  /** What the ids of its benchmarks begin with. */
  readonly ids: readonly string[]
  readonly open: (root: string) => Promise<BenchSet>
}

/** Every file of benchmarks. */
const FAMILIES: readonly Family[] = [
  { ids: ['sampler', 'shipped'], open: samplerBenches },
  { ids: ['draw'], open: drawBenches },
  { ids: ['scan'], open: scanBenches },
  { ids: ['decode'], open: decodeBenches },
  { ids: ['first-paint', 'scroll', 'memory'], open: pageBenches },
  { ids: ['latent'], open: latentBenches },
  { ids: ['plane'], open: planeBenches },
  { ids: ['batch'], open: batchBenches },
  { ids: ['window'], open: windowBenches },
]

/** Those that may hold what is asked for: getting one ready takes time. */
function familiesOf(only: string): readonly Family[] {
  const asked = FAMILIES.filter(({ ids }) => ids.some((id) => only.startsWith(id) || id.startsWith(only)))
  return asked.length > 0 ? asked : FAMILIES
}

const GAUGE_ROUNDS = 3

const USAGE = `Usage: npm run bench -- [--only ID] [--rounds N]

Measures what the program claims, in alternating turns against a named peer, and prints ratios of medians as JSON
(also in build/bench.json). --only takes the benchmarks whose id contains ID. Exit 1 when a claim does not hold.`

interface Options {
  readonly only: string
  readonly rounds: number | null
}

function optionsOf(words: readonly string[]): Options | null {
  let only = ''
  let rounds: number | null = null
  for (let at = 0; at < words.length; at += 2) {
    const value = words[at + 1]
    if (value === undefined) return null
    if (words[at] === '--only') only = value
    else if (words[at] === '--rounds' && /^[1-9]\d*$/.test(value)) rounds = Number(value)
    else return null
  }
  return { only, rounds }
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2))
  if (options === null) {
    say(USAGE)
    return 2
  }
  const root = resolve(import.meta.dirname, '../..')
  const on = machine()
  const warning = loadWarning(on)
  if (warning !== null) say(warning)
  const rows: Row[] = []
  const gauges: Reading[] = []
  const skipped: Skipped[] = []
  for (const { open } of familiesOf(options.only)) {
    const set = await open(root)
    try {
      for (const bench of set.benches) {
        if (!bench.id.includes(options.only)) continue
        if ('skipped' in bench) {
          say(`${bench.id}: skipped, ${bench.skipped}`)
          skipped.push(bench)
          continue
        }
        if ('take' in bench) {
          const reading = await takeGauge(bench, options.rounds ?? GAUGE_ROUNDS)
          say(gaugeWords(reading))
          gauges.push(reading)
          continue
        }
        const row = await measure(bench, options.rounds ?? bench.rounds)
        say(lineOf(row))
        rows.push(row)
      }
    } finally {
      await set.close()
    }
  }
  const report = `${JSON.stringify({ machine: on, warning, rows, gauges, skipped }, null, 2)}\n`
  await mkdir(join(root, 'build'), { recursive: true })
  await writeFile(join(root, 'build', 'bench.json'), report)
  process.stdout.write(report)
  return [...rows, ...gauges].some(({ holds }) => holds === false) ? 1 : 0
}

function lineOf({ id, ratio, ratioCpu, claim, holds, ours, peer }: Row): string {
  const claimed =
    claim === null
      ? 'nothing claimed'
      : `at least ${claim.leastRatio}x, aim ${claim.aimRatio}x: ${holds === true ? 'holds' : shortBy(ratio, claim)}`
  return `${id}: ${ratio}x (${claimed}); ${ours.medianMs} ms against ${peer.medianMs} ms, processor time ${ratioCpu === null ? 'not counted' : `${ratioCpu}x`}`
}

const shortBy = (ratio: number, { leastRatio }: Claim): string =>
  `DOES NOT HOLD, short by ${Math.round(100 * (1 - ratio / leastRatio))} %`

process.exitCode = await main()
