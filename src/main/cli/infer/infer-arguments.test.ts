import { expect, test } from 'vitest'
import { UsageError } from '../command-io'
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

test('the kind of nodule is said by name, and only of a whole lesion', () => {
  expect(readInferArguments(at).wholeLesion).toBe(false)
  const asked = readInferArguments([...at, '--whole-lesion', '--nodule', 'part-solid'])
  expect(asked).toMatchObject({ wholeLesion: true, noduleKind: 'part-solid' })
  expect(asked.command).toContain(' --whole-lesion --nodule part-solid --samples ')
  expect(() => readInferArguments([...at, '--nodule', 'solid'])).toThrow(/goes with --whole-lesion/)
  expect(() => readInferArguments([...at, '--whole-lesion', '--nodule', 'soft'])).toThrow(/solid, part-solid/)
})
