/** The other end of a child process that Node or Electron started. */
export interface Parent {
  readonly send: (message: unknown) => void
  readonly onMessage: (listener: (message: unknown) => void) => void
}

interface ParentPort {
  readonly postMessage: (message: unknown) => void
  readonly on: (event: 'message', listener: (event: { readonly data: unknown }) => void) => void
}

const isParentPort = (value: unknown): value is ParentPort =>
  typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value

/** Electron's `utilityProcess.fork` brings a `parentPort`; `child_process.fork` makes the process itself the port. */
export function parentOf(child: NodeJS.Process): Parent {
  const port: unknown = Reflect.get(child, 'parentPort')
  if (isParentPort(port)) {
    return {
      send: (message) => {
        port.postMessage(message)
      },
      onMessage: (listener) => {
        port.on('message', (event) => {
          listener(event.data)
        })
      },
    }
  }
  return {
    send: (message) => {
      child.send?.(message)
    },
    onMessage: (listener) => {
      child.on('message', listener)
      // Without the program there is nobody to answer.
      child.on('disconnect', () => child.exit(0))
    },
  }
}
