import { computed, type ComputedRef, shallowRef, type ShallowRef } from 'vue'
import type { Refusal } from '../../contract'
import { useProblems } from '../wire/problems'

/** What the library is doing: counts are true counts, never a guess of a percentage. */
export type LibraryActivity =
  | { readonly kind: 'idle' | 'making-demo' }
  | { readonly kind: 'receiving' | 'opening'; readonly filesRead: number; readonly filesTotal: number }
  | {
      readonly kind: 'scanning'
      readonly filesRead: number
      readonly filesTotal: number
      readonly path: string
    }
  | {
      /** From an archive; `filesRead`: objects that are here, those from before among them. */
      readonly kind: 'fetching'
      readonly filesRead: number
      readonly filesTotal: number
      /** That came now. */
      readonly sizeBytes: number
    }
  | {
      readonly kind: 'stopped'
      readonly of: 'opening' | 'fetching'
      readonly filesRead: number
      readonly filesTotal: number
    }
  | { readonly kind: 'failed'; readonly of: 'opening' | 'fetching'; readonly refusal: Refusal }

const PASSED: ReadonlySet<Refusal['code']> = new Set(['no-answer', 'signed-out'])
const BUSY: ReadonlySet<LibraryActivity['kind']> = new Set([
  'receiving',
  'opening',
  'scanning',
  'fetching',
  'making-demo',
])

/** What the library is doing, one thing at a time: what begins ends what was going on. */
export interface Activities {
  readonly activity: ShallowRef<LibraryActivity>
  readonly isBusy: ComputedRef<boolean>
  readonly begin: (first: LibraryActivity) => AbortSignal
  readonly fail: (refusal: Refusal) => false
  readonly cancel: () => void
}

export function createActivities(): Activities {
  const activity = shallowRef<LibraryActivity>({ kind: 'idle' })
  const problems = useProblems()
  let control = new AbortController()
  const isBusy = computed(() => BUSY.has(activity.value.kind))

  function fail(refusal: Refusal): false {
    // A cancel has already said what it stopped.
    if (refusal.code === 'cancelled') return false
    const of = activity.value.kind === 'fetching' ? 'fetching' : 'opening'
    activity.value = { kind: 'failed', of, refusal }
    const title = of === 'fetching' ? 'The series were not fetched' : 'The library could not be read'
    problems.addRefusal('library', title, refusal)
    return false
  }

  function begin(first: LibraryActivity): AbortSignal {
    control.abort()
    control = new AbortController()
    problems.settle('library')
    activity.value = first
    return control.signal
  }

  function cancel(): void {
    control.abort()
    activity.value = stopped(activity.value)
  }

  return { activity, isBusy, begin, fail, cancel }
}

/** A failure that the next answer has overtaken is told no more. */
export const unlessPassed = (now: LibraryActivity): LibraryActivity =>
  now.kind === 'failed' && PASSED.has(now.refusal.code) ? { kind: 'idle' } : now

/** Cancelled: what was opened before stays, and the counts say how far it came. */
function stopped(now: LibraryActivity): LibraryActivity {
  if (now.kind !== 'scanning' && now.kind !== 'receiving' && now.kind !== 'fetching') return { kind: 'idle' }
  const { filesRead, filesTotal } = now
  return {
    kind: 'stopped',
    of: now.kind === 'fetching' ? 'fetching' : 'opening',
    ...{ filesRead, filesTotal },
  }
}
