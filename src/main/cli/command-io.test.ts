import { parseArgs } from 'node:util'
import { expect, test } from 'vitest'
import { isUsageError, UsageError, usageWords } from './command-io'

function wordsOf(args: readonly string[]): string {
  try {
    parseArgs({
      args: [...args],
      options: { seed: { type: 'string' }, json: { type: 'boolean' } },
      strict: true,
    })
  } catch (error) {
    if (isUsageError(error)) return usageWords(error)
    throw error
  }
  return 'nothing is wrong'
}

test.each([
  [['--sead', '1'], 'There is no option --sead.'],
  [['-x'], 'There is no option -x.'],
  [['--seed', '-1'], '--seed takes a value, which does not begin with a dash.'],
  [['--seed'], '--seed takes a value, which does not begin with a dash.'],
  [['--json=yes'], '--json takes no value.'],
  [['--seed', '1'], 'nothing is wrong'],
])('%j', (args, words) => {
  expect(wordsOf(args)).toBe(words)
})

test('our own words stay as they are', () => {
  expect(usageWords(new UsageError("--days 'x' is no number."))).toBe("--days 'x' is no number.")
})
