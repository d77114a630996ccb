import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Step, stepRules } from '../../../src/core/subject/step-journal'

/** A journal of steps beside two stacks: what any editor does with undo and redo. */

interface Entry extends Step<string> {
  readonly id: string
}
const rules = stepRules<string, Entry>(({ id }) => id)

const acts = fc.array(
  fc.oneof(
    fc.record({ id: fc.constantFrom('a', 'b', 'c'), state: fc.option(fc.string({ maxLength: 3 })) }),
    fc.constantFrom('undo' as const, 'redo' as const),
  ),
  { maxLength: 40 },
)

it('undo and redo are those of two stacks, whatever is laid, changed and deleted between', () => {
  fc.assert(
    fc.property(acts, (steps) => {
      let entries: readonly Entry[] = []
      let now = new Map<string, string>()
      const [done, undone]: Map<string, string>[][] = [[], []]
      for (const step of steps) {
        const number = entries.length + 1
        if (typeof step === 'string') {
          const last = step === 'undo' ? rules.lastToUndo(entries) : rules.lastToRedo(entries)
          const [from, to] = step === 'undo' ? [done, undone] : [undone, done]
          const before = from?.pop()
          expect(last === null).toBe(before === undefined)
          if (last === null || before === undefined) continue
          to?.push(now)
          now = before
          entries = [...entries, { ...last, number, state: rules.before(entries, last), undoes: last.number }]
        } else {
          done?.push(now)
          undone?.splice(0)
          now = new Map(now)
          if (step.state === null) now.delete(step.id)
          else now.set(step.id, step.state)
          entries = [...entries, { ...step, number, undoes: null }]
        }
        expect([...rules.standing(entries)].sort()).toEqual([...now.values()].sort())
      }
    }),
    { numRuns: 500 },
  )
})
