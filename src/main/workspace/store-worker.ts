/** The store's own thread: a slow disk, or JSON of some megabytes, never makes the serving thread wait. */
import { parentPort } from 'node:worker_threads'
import { refuse } from '../../contract'
import type { Result } from '../../contract'
import { openHere } from './open-here'
import { answeredAsText } from './store-calls'
import type { MethodCall, StoreAnswer, StoreCall } from './store-calls'
import type { WorkspaceStore } from './store'

let store: WorkspaceStore | null = null
/** The clock is the caller's; it comes with each call. */
let nowMs = 0

const answer = (message: StoreAnswer): void => {
  parentPort?.postMessage(message)
}

function perform(call: MethodCall): Promise<Result<unknown>> {
  if (store === null) return Promise.resolve(refuse('internal', 'The workspace is not open.'))
  const method = store[call.method] as (...args: readonly unknown[]) => Promise<Result<unknown>>
  return method(...call.args)
}

const failed = (error: unknown): Result<never> =>
  refuse('internal', `The workspace failed: ${error instanceof Error ? error.message : String(error)}`)

async function take(call: StoreCall): Promise<void> {
  nowMs = call.nowMs
  if (call.kind === 'call') {
    const result = await perform(call).catch(failed)
    const { id } = call
    answer(
      answeredAsText.includes(call.method)
        ? { kind: 'answered-as-text', id, text: JSON.stringify(result) }
        : { kind: 'answered', id, result },
    )
    return
  }
  if (call.kind === 'close') {
    await store?.close().catch(() => undefined)
    parentPort?.close()
    return
  }
  const opened = await openHere(call.location, { clock: () => nowMs, lockWaitMs: call.lockWaitMs }).catch(
    failed,
  )
  if (opened.ok) store = opened.value
  answer({
    kind: 'opened',
    result: opened.ok ? { ok: true, value: { kind: opened.value.kind, name: opened.value.name } } : opened,
  })
}

parentPort?.on('message', (call: StoreCall) => void take(call))
