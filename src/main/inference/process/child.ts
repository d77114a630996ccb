import { compute } from './compute'
import { Engine } from './engine'
import { parentOf } from '../../processes/parent'
import { InferenceRequest } from './protocol'
import type { InferenceReply } from './protocol'

/**
 * The process that owns ONNX Runtime: a driver that crashes takes down this, not the program. Started by
 * `child_process.fork` (serialisation `advanced`) or by Electron's `utilityProcess.fork`, which brings `parentPort`.
 */

const engine = new Engine()

async function answer(request: InferenceRequest): Promise<InferenceReply> {
  if (request.kind !== 'prepare' && request.kind !== 'report') return engine.answer(request)
  try {
    return compute(request)
  } catch (error) {
    return { kind: 'failed', id: request.id, reason: error instanceof Error ? error.message : String(error) }
  }
}

const { send, onMessage } = parentOf(process)

// One after another: ONNX Runtime has the machine for itself, and replies keep the order of the requests.
let last: Promise<void> = Promise.resolve()
onMessage((message) => {
  const request = InferenceRequest.parse(message)
  last = last.then(async () => {
    send(await answer(request))
  })
})
