import { expect, test } from 'vitest'
import { UsageError } from './command-io'
import { readInferArguments } from './infer-arguments'

const at = ['ct', '--at', '1,2,3']

test('how samples are drawn is passed on, and left open where it is not said', () => {
  expect(readInferArguments(at).draws).toBeUndefined()
  expect(readInferArguments([...at, '--draws', 'even']).draws).toBe('even')
  expect(readInferArguments([...at, '--draws', 'independent']).draws).toBe('independent')
})

test.each(['sobol', '', 'Even'])('--draws "%s" is wrong usage, and says what it takes', (word) => {
  expect(() => readInferArguments([...at, '--draws', word])).toThrow(UsageError)
  expect(() => readInferArguments([...at, '--draws', word])).toThrow(/--draws takes even or independent/)
})
