import type { Socket } from 'node:net'
import type { DimseArchiveSettings } from '../../../contract'
import { PacsFailure } from '../pacs-failure'
import type { Keys } from '../read-settings'
import type {
  Dimse,
  DimseAssociation,
  DimseContext,
  DimseRequest,
  StoreRequest,
  StoreResponse,
} from './load-dimse'
import { pduGuard } from './pdu-guard'

/** One association with an archive: what is sent over it, and what comes back. */
export interface Conversation {
  readonly requests: readonly DimseRequest[]
  /** Proposed beside those that the requests need, each as one of its own. */
  readonly contexts?: readonly DimseContext[]
  /** Ends the association before all is answered: what came is enough. */
  readonly enough?: AbortSignal
  /** Objects that the archive sends while it answers. */
  readonly receiver?: Receiver
}

/** Where the objects go that come over an association, byte by byte as they come. */
export interface Receiver {
  readonly begin: (context: DimseContext, request: StoreRequest) => void
  readonly write: (bytes: Uint8Array) => void
  /** The object is whole; throws where it is not taken. */
  readonly keep: () => void
}

export interface DimseGround {
  readonly dimse: Dimse
  readonly settings: DimseArchiveSettings
  readonly keys: Keys
  readonly signal: AbortSignal
}

/** The library's own parts, which its types do not tell. */
interface Network {
  readonly socket: Socket
  createStoreWritableStream: (context: DimseContext, request: StoreRequest) => object
  createDatasetFromStoreWritableStream: (
    writable: object,
    context: DimseContext,
    done: (dataset: object) => void,
  ) => void
}

const CONNECT_MS = 15_000
/** The library's clocks tick once a second and say little: ours stand in for them. */
const NEVER_MS = 2 ** 31 - 1
/** A-ABORT by the service user (PS3.8 9.3.8): source, and no reason. */
const BY_USER = [0, 0] as const
/** Answers to a search, all together. */
const MOST_BYTES_UNKEPT = 64_000_000

/** Sends requests in their order over one association, and ends when all are answered. Throws `PacsFailure`, and errors of the connection. */
export function associate(ground: DimseGround, conversation: Conversation): Promise<void> {
  const { dimse, settings, keys, signal } = ground
  const client = new dimse.Client()
  for (const request of conversation.requests) client.addRequest(request)
  for (const context of conversation.contexts ?? []) client.addAdditionalPresentationContext(context, true)
  return new Promise((done, fail) => {
    const { host, port, ownAeTitle, aeTitle, tls, name } = settings
    client.on('associationAccepted', (association: DimseAssociation) => {
      followSyntax(conversation.requests, association)
    })
    client.send(host, port, ownAeTitle, aeTitle, {
      connectTimeout: NEVER_MS,
      associationTimeout: NEVER_MS,
      pduTimeout: NEVER_MS,
      ...(tls
        ? { securityOptions: { rejectUnauthorized: true, ...(keys.ca === undefined ? {} : { ca: keys.ca }) } }
        : {}),
    })
    const network = Reflect.get(client, 'network') as Network
    const { socket } = network
    const watch = watchSocket(socket, settings, tls)
    const end = (failure?: unknown): void => {
      watch.stop()
      signal.removeEventListener('abort', stop)
      socket.destroy()
      if (failure === undefined) done()
      else fail(failure instanceof Error ? failure : new Error('what was thrown is no error'))
    }
    const stop = (): void => {
      end(new PacsFailure('cancelled', `${name} was asked no further.`, 'What came whole is kept.'))
    }
    watch.onFailure(end)
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    conversation.enough?.addEventListener('abort', () => {
      client.abort(...BY_USER)
      end()
    })
    client.on('associationRejected', (said: { readonly reason: number }) => {
      end(rejected(settings, said.reason))
    })
    client.on('networkError', end)
    client.on('associationReleased', () => {
      end()
    })
    client.on('closed', () => {
      end(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))
    })
    const { receiver } = conversation
    if (receiver !== undefined) receive(dimse, network, receiver, watch.kept, end)
    client.on('cStoreRequest', (request: StoreRequest, answer: (response: StoreResponse) => void) => {
      const response = dimse.responses.CStoreResponse.fromRequest(request)
      response.setStatus(receiver === undefined ? dimse.constants.Status.SopClassNotSupported : 0)
      answer(response)
    })
  })
}

/** Identifiers are written in the syntax that was agreed on, so that nothing is ever transcoded. */
function followSyntax(requests: readonly DimseRequest[], association: DimseAssociation): void {
  for (const request of requests) {
    const agreed = association
      .getAcceptedPresentationContextFromRequest(request)
      ?.getAcceptedTransferSyntaxUid()
    const isIdentifier = !('getAdditionalTransferSyntaxes' in request)
    if (agreed !== undefined && isIdentifier) request.getDataset()?.setTransferSyntaxUid(agreed)
  }
}

/** PS3.8 9.3.4: the reasons of the service user. */
const REASONS: Readonly<Record<number, string>> = {
  2: 'it does not know what is asked for',
  3: 'it does not know our AE title',
  7: 'it is not called so: its AE title is another one',
}

function rejected({ name, ownAeTitle, aeTitle }: DimseArchiveSettings, reason: number): PacsFailure {
  return new PacsFailure(
    'pacs-refused',
    `${name} does not let us in: ${REASONS[reason] ?? `reason ${reason}`}.`,
    `We called it ${aeTitle}, and ourselves ${ownAeTitle}: whoever runs the archive enters that.`,
  )
}

/** Bytes go to the receiver as they come; the library is given an empty object to answer by. */
function receive(
  dimse: Dimse,
  network: Network,
  receiver: Receiver,
  kept: () => void,
  end: (failure: unknown) => void,
): void {
  network.createStoreWritableStream = (context, request) => {
    receiver.begin(context, request)
    return {
      write: (bytes: Uint8Array) => {
        receiver.write(bytes)
        kept()
        return true
      },
      once: () => undefined,
      end: () => undefined,
    }
  }
  network.createDatasetFromStoreWritableStream = (_writable, context, done) => {
    try {
      receiver.keep()
    } catch (error) {
      end(error)
      throw error
    }
    done(new dimse.Dataset({}, context.getAcceptedTransferSyntaxUid()))
  }
}

interface Watch {
  readonly onFailure: (listener: (failure: unknown) => void) => void
  /** What came was put where it belongs. */
  readonly kept: () => void
  readonly stop: () => void
}

/** Ends a connection that does not come about, on which nothing goes either way for too long, or on which what comes is no DICOM. */
function watchSocket(socket: Socket, { name, stallSeconds }: DimseArchiveSettings, tls: boolean): Watch {
  let fail: (failure: unknown) => void = () => undefined
  const stallMs = stallSeconds * 1_000
  const guard = pduGuard()
  let unkeptBytes = 0
  const connecting = setTimeout(
    () => {
      fail(
        new PacsFailure('pacs-unreachable', `${name} does not answer.`, 'Check its address and the network.'),
      )
    },
    Math.min(CONNECT_MS, stallMs),
  )
  const stalled = setTimeout(() => {
    fail(
      new PacsFailure(
        'pacs-stalled',
        `${name} has sent nothing for ${stallSeconds} s.`,
        'Try again later, or give it more stallSeconds.',
      ),
    )
  }, stallMs)
  const moved = (): void => {
    stalled.refresh()
  }
  socket.prependListener(tls ? 'secureConnect' : 'connect', () => {
    clearTimeout(connecting)
  })
  socket.prependListener('error', (error) => {
    fail(error)
  })
  socket.on('drain', moved)
  socket.prependListener('data', (bytes: Uint8Array) => {
    moved()
    unkeptBytes += bytes.length
    const wrong = unkeptBytes > MOST_BYTES_UNKEPT ? 'more than it may answer' : guard(bytes)
    if (wrong === null) return
    const next = 'Ask whoever runs the archive.'
    fail(new PacsFailure('pacs-damaged', `${name} sent ${wrong}.`, next))
  })
  return {
    onFailure: (listener) => {
      fail = listener
    },
    kept: () => {
      unkeptBytes = 0
    },
    stop: () => {
      clearTimeout(connecting)
      clearTimeout(stalled)
    },
  }
}
