import { refuse } from '../../contract'
import type { Result } from '../../contract'
import { methods } from './store-calls'
import type { StoreCalls } from './store-calls'
import type { WorkspaceStore } from './store'

/** A workspace that is opened when it is first asked for; looking at images goes on without one. */
export interface Workspace {
  /** Each call opens the workspace, or refuses as opening it did. */
  readonly store: StoreCalls
  /** Tried again at the next question after a refusal: a disk that was full may have room again. */
  readonly open: () => Promise<Result<WorkspaceStore>>
  readonly close: () => Promise<void>
}

export function openedWhenAsked(openNow: () => Promise<Result<WorkspaceStore>>): Workspace {
  let opening: Promise<Result<WorkspaceStore>> | null = null
  let closed = false
  async function open(): Promise<Result<WorkspaceStore>> {
    // What the page still asks for while the program ends starts no thread.
    if (closed) return refuse('cancelled', 'The program is closing.')
    const result = await (opening ??= openNow())
    if (!result.ok) opening = null
    return result
  }
  const calls = methods.map((method) => {
    const call = async (...args: unknown[]): Promise<Result<unknown>> => {
      const opened = await open()
      if (!opened.ok) return opened
      return (opened.value[method] as (...given: unknown[]) => Promise<Result<unknown>>)(...args)
    }
    return [method, call] as const
  })
  return {
    // The list of methods is checked against the interface where it stands; each is answered by the same method there.
    store: Object.fromEntries(calls) as StoreCalls,
    open,
    close: async () => {
      closed = true
      const opened = opening === null ? null : await opening
      if (opened?.ok === true) await opened.value.close()
    },
  }
}
