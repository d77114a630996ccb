import { request as requestPlain } from 'node:http'
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { request as requestTls } from 'node:https'
import type { WebArchiveSettings } from '../../../contract'
import { PacsFailure } from '../pacs-failure'
import type { Keys } from '../read-settings'

/**
 * One request to a DICOMweb archive and its answer. Node's own client, not `fetch`: `fetch` takes no certificates of one's
 * own, and follows redirects, with which credentials would go elsewhere.
 */

export interface Asked {
  readonly method: 'GET' | 'POST'
  /** Below the address of the archive, with its query. */
  readonly path: string
  readonly accept: string
  readonly body?: { readonly type: string; readonly parts: Iterable<Uint8Array>; readonly bytes: number }
}

export interface Answered {
  readonly status: number
  readonly contentType: string
  readonly body: AsyncIterable<Uint8Array>
}

/** A connection that is not there after this time is not coming. */
const CONNECT_MS = 15_000
const MOST_TEXT_BYTES = 64_000_000

export type WebExchange = (asked: Asked) => Promise<Answered>

/** Throws `PacsFailure`, and what Node throws. `signal` ends what is under way. */
export function webExchange(settings: WebArchiveSettings, keys: Keys, signal: AbortSignal): WebExchange {
  const base = settings.url.replace(/\/+$/, '')
  return async (asked) => {
    const { body } = asked
    const sent = begun(new URL(`${base}${asked.path}`), asked, keys, signal)
    const answered = new Promise<IncomingMessage>((answer, fail) => {
      sent.on('response', answer)
      sent.on('error', fail)
    })
    limitTime(sent, settings)
    for (const part of body?.parts ?? []) if (!sent.write(part)) await Promise.race([drained(sent), answered])
    sent.end()
    const response = await answered
    const { statusCode = 0, headers: told } = response
    return { status: statusCode, contentType: told['content-type'] ?? '', body: chunks(response) }
  }
}

function begun(url: URL, { method, accept, body }: Asked, keys: Keys, signal: AbortSignal): ClientRequest {
  const headers: OutgoingHttpHeaders = {
    accept,
    ...(keys.authorization === null ? {} : { authorization: keys.authorization }),
    ...(body === undefined ? {} : { 'content-type': body.type, 'content-length': body.bytes }),
  }
  const options = { method, headers, signal, agent: false as const }
  if (url.protocol !== 'https:') return requestPlain(url, options)
  const authority = keys.ca === undefined ? {} : { ca: keys.ca }
  return requestTls(url, { ...options, ...authority, rejectUnauthorized: true })
}

/** Ends a request whose connection does not come about, or on which nothing goes either way for too long. */
function limitTime(sent: ClientRequest, { name, stallSeconds }: WebArchiveSettings): void {
  let received: IncomingMessage | null = null
  const end = (failure: PacsFailure): void => {
    received?.destroy(failure)
    sent.destroy(failure)
  }
  const connecting = setTimeout(
    () => {
      end(
        new PacsFailure('pacs-unreachable', `${name} does not answer.`, 'Check its address and the network.'),
      )
    },
    Math.min(CONNECT_MS, stallSeconds * 1_000),
  )
  const connected = (): void => {
    clearTimeout(connecting)
  }
  sent.on('socket', (socket) => {
    socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected)
  })
  sent.on('response', (response) => {
    received = response
  })
  sent.on('close', connected)
  sent.setTimeout(stallSeconds * 1_000, () => {
    end(
      new PacsFailure(
        'pacs-stalled',
        `${name} has sent nothing for ${stallSeconds} s.`,
        'Try again later, or give it more stallSeconds.',
      ),
    )
  })
}

const drained = (sent: ClientRequest): Promise<void> =>
  new Promise((go) => {
    sent.once('drain', go)
  })

async function* chunks(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const chunk of response) yield chunk as Uint8Array
}

/** A body as text, no longer than a list may be. */
export async function textOf(name: string, answer: Answered): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body) {
    bytes += part.byteLength
    if (bytes > MOST_TEXT_BYTES)
      throw new PacsFailure(
        'limit-reached',
        `${name} answers with more than ${MOST_TEXT_BYTES / 1_000_000} MB of text.`,
        'Say more of whom to look for.',
      )
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Throws what a status other than of success means. The body of such an answer is not told: it may hold anything. */
export function expectSuccess(name: string, { status }: Answered): void {
  if (status >= 200 && status < 300) return
  if (status === 401 || status === 403)
    throw new PacsFailure(
      'pacs-refused',
      `${name} does not let us in (HTTP ${status}).`,
      'Check the credentials that its settings name.',
    )
  if (status >= 300 && status < 400)
    throw new PacsFailure(
      'pacs-refused',
      `${name} sends us elsewhere (HTTP ${status}), where we do not go.`,
      'Give the address that it means.',
    )
  if (status === 404)
    throw new PacsFailure(
      'pacs-refused',
      `${name} does not have that (HTTP 404).`,
      'Check its address; search again.',
    )
  throw new PacsFailure('pacs-refused', `${name} refuses (HTTP ${status}).`, 'Ask whoever runs the archive.')
}
