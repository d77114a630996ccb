import { existsSync, readFileSync } from 'node:fs'

/** What the test runners counted, read from the reports that they write. */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** A part that ended without a report failed as a whole. @type {Counts} */
const noReport = { passed: 0, failed: 1, skipped: 0 }

/**
 * @param {string} path the JSON report of vitest
 * @returns {Counts}
 */
export function vitestCounts(path) {
  if (!existsSync(path)) return noReport
  /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number, testResults: { status: string, assertionResults: unknown[] }[] }} */
  const report = JSON.parse(readFileSync(path, 'utf8'))
  // A file that does not load has no tests that could fail.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/**
 * @param {string} path the JUnit report of pytest
 * @returns {Counts}
 */
export function pytestCounts(path) {
  if (!existsSync(path)) return noReport
  const suite = /<testsuite [^>]*>/.exec(readFileSync(path, 'utf8'))?.[0] ?? ''
  const count = (/** @type {string} */ name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
  const failed = count('failures') + count('errors')
  const skipped = count('skipped')
  return { passed: Math.max(0, count('tests') - failed - skipped), failed, skipped }
}

/**
 * @param {readonly Counts[]} all
 * @returns {Counts}
 */
export function sum(all) {
  return all.reduce(
    (total, each) => ({
      passed: total.passed + each.passed,
      failed: total.failed + each.failed,
      skipped: total.skipped + each.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  )
}
