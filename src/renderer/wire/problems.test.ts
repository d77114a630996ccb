import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test } from 'vitest'
import { setClock } from '../browser/clock'
import { useProblems } from './problems'

beforeEach(() => {
  setActivePinia(createPinia())
  setClock(() => 7)
})
const problem = { tone: 'error', title: 'It failed', detail: '', code: 'internal' } as const

test('the newest stands first; the same key is one line, brought to the front', () => {
  const problems = useProblems()
  problems.add({ ...problem, key: 'a' })
  problems.add({ ...problem, key: 'b' })
  problems.add({ ...problem, key: 'a', title: 'Again' })
  expect(problems.list.map(({ key, title }) => [key, title])).toEqual([
    ['a', 'Again'],
    ['b', 'It failed'],
  ])
  expect(problems.list[0]?.atMs).toBe(7)
})

test('errors and warnings are counted apart, and settled one by one', () => {
  const problems = useProblems()
  problems.add({ ...problem, key: 'a' })
  problems.addWarnings('scan', 'CT chest', [
    { code: 'gap', text: 'A slice is missing.' },
    { code: 'tilt', text: 'The gantry was tilted.' },
  ])
  expect([problems.errorCount, problems.warningCount]).toEqual([1, 2])
  expect(problems.list[0]).toMatchObject({
    key: 'scan/tilt',
    title: 'The gantry was tilted.',
    detail: 'CT chest',
  })
  problems.settle('a')
  problems.settle('not there')
  expect([problems.errorCount, problems.warningCount]).toEqual([0, 2])
})

test('a refusal says its reason and the next step; what the reader cancelled, and what is withheld, is no problem', () => {
  const problems = useProblems()
  problems.addRefusal('run', 'No run', { code: 'cancelled', reason: 'Stopped.' })
  problems.addRefusal('run', 'No run', { code: 'blind', reason: 'Your blind reading is open.' })
  expect(problems.list).toEqual([])
  problems.addRefusal('run', 'No run', { code: 'model-missing', reason: 'No model.', next: 'Install one.' })
  problems.addRefusal('x', 'No', { code: 'internal', reason: 'Why.' })
  expect(problems.list.map(({ detail }) => detail)).toEqual(['Why.', 'No model. Install one.'])
})

test('what nothing answered is dealt with once something does; the rest stays', () => {
  const problems = useProblems()
  problems.addRefusal('status', 'Margin does not answer', { code: 'no-answer', reason: 'No answer.' })
  problems.addRefusal('run', 'No run', { code: 'model-missing', reason: 'No model.' })
  problems.settleCode('no-answer')
  expect(problems.list.map(({ key }) => key)).toEqual(['run'])
})

test('what was said of an image goes when another one is opened, and nothing else does', () => {
  const problems = useProblems()
  problems.addWarnings('image/img-1', 'this photograph', [{ code: 'picture-black', text: 'It is black.' }])
  problems.addWarnings('readings/image/img-1', 'masks', [{ code: 'mask', text: 'It has 3 values.' }])
  problems.add({ ...problem, key: 'run/["image/img-1",null,100,1]' })
  problems.add({ ...problem, key: 'image/img-11' })
  problems.add({ ...problem, key: 'attempt' })
  problems.leave('img-1')
  expect(problems.list.map(({ key }) => key).sort()).toEqual(['attempt', 'image/img-11'])
})
