import { compute } from './compute'
import { Engine } from './engine'
import { InferenceRequest } from './protocol'
import type { InferenceReply } from './protocol'

/**
 * The process that owns ONNX Runtime: a driver that crashes takes down this, not the program. Started by
 * `child_process.fork` (serialisation `advanced`) or by Electron's `utilityProcess.fork`, which brings `parentPort`.
 */

interface Parent {
  readonly send: (reply: InferenceReply) => void
  readonly onMessage: (listener: (message: unknown) => void) => void
}

interface ParentPort {
  readonly postMessage: (message: unknown) => void
  readonly on: (event: 'message', listener: (event: { readonly data: unknown }) => void) => void
}

const isParentPort = (value: unknown): value is ParentPort =>
  typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value

function parent(): Parent {
  const port: unknown = Reflect.get(process, 'parentPort')
  if (isParentPort(port)) {
    return {
      send: (reply) => {
        port.postMessage(reply)
      },
      onMessage: (listener) => {
        port.on('message', (event) => {
          listener(event.data)
        })
      },
    }
  }
  return {
    send: (reply) => {
      process.send?.(reply)
    },
    onMessage: (listener) => {
      process.on('message', listener)
      // Without the program there is nobody to answer.
      process.on('disconnect', () => process.exit(0))
    },
  }
}

const engine = new Engine()

async function answer(request: InferenceRequest): Promise<InferenceReply> {
  if (request.kind !== 'prepare' && request.kind !== 'report') return engine.answer(request)
  try {
    return compute(request)
  } catch (error) {
    return { kind: 'failed', id: request.id, reason: error instanceof Error ? error.message : String(error) }
  }
}

const { send, onMessage } = parent()

// One after another: ONNX Runtime has the machine for itself, and replies keep the order of the requests.
let last: Promise<void> = Promise.resolve()
onMessage((message) => {
  const request = InferenceRequest.parse(message)
  last = last.then(async () => {
    send(await answer(request))
  })
})
