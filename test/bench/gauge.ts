import { quantile } from './harness'

/** A quantity that has a limit of its own and no peer: a time on the screen, memory. */
export interface Gauge {
  readonly id: string
  readonly name: string
  readonly unit: string
  readonly take: () => Promise<number>
  /** At most so much; what is aimed at. */
  readonly limit: { readonly atMost: number; readonly aim: number } | null
  readonly terms: string
}

export interface Reading {
  readonly id: string
  readonly name: string
  readonly unit: string
  readonly median: number
  readonly least: number
  readonly most: number
  readonly limit: Gauge['limit']
  readonly holds: boolean | null
  readonly rounds: number
  readonly terms: string
}

const rounded = (value: number): number => Number(value.toPrecision(4))

/** Takes it once to warm up where it is taken several times, then so often; the median stands against the limit. */
export async function takeGauge({ take, ...told }: Gauge, rounds: number): Promise<Reading> {
  if (rounds > 1) await take()
  const taken: number[] = []
  for (let round = 0; round < rounds; round += 1) taken.push(await take())
  const median = quantile(taken, 0.5)
  return {
    ...told,
    median: rounded(median),
    least: rounded(Math.min(...taken)),
    most: rounded(Math.max(...taken)),
    holds: told.limit === null ? null : median <= told.limit.atMost,
    rounds,
  }
}

/** One line of it. */
export function gaugeWords({ id, unit, median, least, most, limit, holds }: Reading): string {
  const asked =
    limit === null
      ? 'nothing claimed'
      : `at most ${limit.atMost}, aim ${limit.aim}: ${
          holds === true
            ? 'holds'
            : `DOES NOT HOLD, over by ${Math.round(100 * (median / limit.atMost - 1))} %`
        }`
  return `${id}: ${median} ${unit} (${asked}); ${least} to ${most}`
}
