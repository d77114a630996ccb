import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Folder of real data: MARGIN_TEST_DATA, else beside the repository. */
export const testDataDir = resolve(
  process.env['MARGIN_TEST_DATA'] ?? join(import.meta.dirname, '..', '..', 'shared', 'data'),
)

/** Reason why tests on a data set skip; null when it is there. */
export const absent = (name: string): string | null =>
  existsSync(join(testDataDir, name)) ? null : `${name} is not in ${testDataDir} (set MARGIN_TEST_DATA)`

/** Whether these tests skip because a data set is absent, which is then said. */
export function skipsWithout(name: string, tests: string): boolean {
  const missing = absent(name)
  if (missing !== null) console.log(`${tests} skips: ${missing}`)
  return missing !== null
}
