import { expect, test } from 'vitest'
import { isUsageError } from '../command-io'
import { readBatchArguments } from './batch-arguments'

const caught = (words: readonly string[]): unknown => {
  try {
    return readBatchArguments(words)
  } catch (error) {
    return error
  }
}

test('words of every item and words of lesions alone are told apart', () => {
  const asked = [
    'many',
    'more',
    '--out',
    'x',
    '--samples',
    '7',
    '--whole-lesion',
    '--nodule',
    'solid',
    '--workers',
    '3',
  ]
  expect(readBatchArguments([...asked, '--model', 'a', '--model', 'b', '--export', 'csv'])).toMatchObject({
    paths: ['many', 'more'],
    words: ['--samples', '7', '--export', 'csv'],
    lesionWords: ['--whole-lesion', '--nodule', 'solid'],
    modelIds: ['a', 'b'],
    workers: 3,
  })
  expect(readBatchArguments(['many', '--out', 'x']).workers).toBeGreaterThan(0)
})

test.each([
  [[]],
  [['many']],
  [['many', '--out', '']],
  [['many', '--out', 'x', '--samples', '0']],
  [['many', '--out', 'x', '--nodule', 'solid']],
  [['many', '--out', 'x', '--export', 'doc']],
  [['many', '--out', 'x', '--workers', '0']],
  [['many', '--out', 'x', '--at', '1,1,1']],
])('%j is wrong usage', (words) => {
  expect(caught(words)).toSatisfy(isUsageError)
})
