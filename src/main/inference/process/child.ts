import { compute } from './compute'
import { Engine } from './engine'
import { parentOf } from '../../processes/parent'
import { layPiece, putTogether } from '../../processes/pieces'
import type { QuestionPiece } from './child-link'
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
const held = new Map<string, Uint8Array>()
onMessage((message) => {
  // Our own program at the other end, built with this one.
  const said = message as QuestionPiece | { readonly picture?: object }
  if ('piece' in said) {
    layPiece(held, said.piece)
    return
  }
  const whole = held.size === 0 ? said : { ...said, picture: putTogether(said.picture, held) }
  held.clear()
  const request = InferenceRequest.parse(whole)
  last = last.then(async () => {
    send(await answer(request))
  })
})
