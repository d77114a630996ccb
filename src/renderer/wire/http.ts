import { z } from 'zod'
import { accept, PixelDescription, PIXELS_HEADER, refuse, Refusal, type Result } from '../../contract'
import { connection } from './connection'
import { readLines } from './lines'

/** Pixels of a slice or a photograph as they came over the wire: little endian, described by `description`. */
export interface Pixels {
  readonly description: PixelDescription
  readonly bytes: ArrayBuffer
}

const RefusedAnswer = z.object({ refusal: Refusal })

/** Paths are relative, so that the same page works at http://127.0.0.1 and at margin://app/. */
const address = (path: string): string => `/api/${path}`

function asRefusal(error: unknown, path: string): { readonly ok: false; readonly refusal: Refusal } {
  if (error instanceof DOMException && error.name === 'AbortError') return refuse('cancelled', 'Stopped.')
  if (error instanceof SyntaxError)
    return refuse('internal', `The answer of ${path} is no JSON.`, {
      next: 'Page and program are of different versions: reload the page.',
    })
  connection.answers = false
  return refuse('no-answer', `The program did not answer (${path}).`, {
    next: 'See whether Margin still runs where it was started; the page goes on when it answers.',
  })
}

async function refusalOf(
  response: Response,
  path: string,
): Promise<{ readonly ok: false; readonly refusal: Refusal }> {
  const body: unknown = await response.json().catch(() => null)
  const parsed = RefusedAnswer.safeParse(body)
  if (parsed.success) {
    connection.answers = true
    // A wrong password is told where it was typed.
    if (parsed.data.refusal.code === 'signed-out' && path !== 'session') connection.signedOut += 1
    return { ok: false, refusal: parsed.data.refusal }
  }
  // The door itself: to this page the program answers as little as before, and it asks on until it is let in.
  if (response.status === 401 || response.status === 403) {
    connection.answers = false
    return refuse('signed-out', 'Margin was started again and does not know this browser yet.', {
      next: 'Open the address that the start command printed in another tab: it lets this browser in, and this page goes on.',
    })
  }
  connection.answers = true
  return refuse('internal', `The program answered ${path} with status ${response.status}.`, {
    next: 'Reload the page; if it stays, report it with this text.',
  })
}

let asking: string | null = null

/** Whom the page acts for from now on: what another person's tab signed in to meanwhile is not used for them. */
export function askAs(raterId: string | null): void {
  asking = raterId
}

async function send(path: string, init: RequestInit): Promise<Result<Response>> {
  try {
    const headers = new Headers(init.headers)
    if (asking !== null) headers.set('x-margin-rater', asking)
    const response = await fetch(address(path), { credentials: 'same-origin', ...init, headers })
    if (!response.ok) return await refusalOf(response, path)
    connection.answers = true
    return accept(response)
  } catch (error) {
    return asRefusal(error, path)
  }
}

async function parseJson<T>(response: Response, path: string, schema: z.ZodType<T>): Promise<Result<T>> {
  try {
    const parsed = schema.safeParse(await response.json())
    if (parsed.success) return accept(parsed.data)
    const [issue] = parsed.error.issues
    const where = issue === undefined ? '' : ` at ${issue.path.join('.')}: ${issue.message}`
    return refuse('internal', `The answer of ${path} was not understood${where}.`, {
      next: 'Page and program are of different versions: reload the page.',
    })
  } catch (error) {
    return asRefusal(error, path)
  }
}

const withSignal = (signal: AbortSignal | undefined): RequestInit => (signal === undefined ? {} : { signal })

const jsonPost = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** `GET /api/<path>`, parsed by `schema`. */
export async function getJson<T>(
  path: string,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<Result<T>> {
  const sent = await send(path, withSignal(signal))
  return sent.ok ? parseJson(sent.value, path, schema) : sent
}

/** `POST /api/<path>` with a JSON body, parsed by `schema`. */
export async function postJson<T>(
  path: string,
  body: unknown,
  schema: z.ZodType<T>,
  signal?: AbortSignal,
): Promise<Result<T>> {
  const sent = await send(path, { ...jsonPost(body), ...withSignal(signal) })
  return sent.ok ? parseJson(sent.value, path, schema) : sent
}

/** `POST /api/<path>` with a JSON body whose answer is not JSON. */
export const postForResponse = (path: string, body: unknown): Promise<Result<Response>> =>
  send(path, jsonPost(body))

/** `GET` of a body without a description. */
export async function getBytes(path: string, signal?: AbortSignal): Promise<Result<ArrayBuffer>> {
  const sent = await send(path, withSignal(signal))
  if (!sent.ok) return sent
  try {
    return accept(await sent.value.arrayBuffer())
  } catch (error) {
    return asRefusal(error, path)
  }
}

/** `GET` of pixels: the body, and its description from the header. */
export async function getPixels(path: string, signal?: AbortSignal): Promise<Result<Pixels>> {
  const sent = await send(path, withSignal(signal))
  if (!sent.ok) return sent
  try {
    const description = PixelDescription.parse(JSON.parse(sent.value.headers.get(PIXELS_HEADER) ?? 'null'))
    return accept({ description, bytes: await sent.value.arrayBuffer() })
  } catch (error) {
    if (error instanceof DOMException) return asRefusal(error, path)
    return refuse('internal', `The pixels of ${path} came without a description.`)
  }
}

/** `POST` of one file's bytes, the answer parsed by `schema`. */
export async function postFile<T>(path: string, file: Blob, schema: z.ZodType<T>): Promise<Result<T>> {
  const sent = await send(path, { method: 'POST', body: file })
  return sent.ok ? parseJson(sent.value, path, schema) : sent
}

/** `PUT` of one file's bytes. */
export async function putFile(path: string, file: Blob, signal: AbortSignal): Promise<Result<null>> {
  const sent = await send(path, { method: 'PUT', body: file, signal })
  return sent.ok ? accept(null) : sent
}

/**
 * `POST` whose answer comes as JSON lines. Every line is parsed; what cannot be (or a broken connection) ends the
 * stream with a refusal. Aborting the signal, or leaving the loop, closes the stream and so cancels the work.
 */
export async function* postLines<T>(
  path: string,
  body: unknown,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): AsyncGenerator<Result<T>, void, undefined> {
  const sent = await send(path, { ...jsonPost(body), signal })
  if (!sent.ok) {
    yield sent
    return
  }
  if (sent.value.body === null) {
    yield refuse('internal', `The answer of ${path} is empty.`)
    return
  }
  try {
    for await (const line of readLines(sent.value.body)) {
      const parsed = schema.safeParse(JSON.parse(line))
      if (parsed.success) yield accept(parsed.data)
      else {
        yield refuse(
          'internal',
          `A line of ${path} was not understood: ${parsed.error.issues[0]?.message ?? ''}.`,
        )
        return
      }
    }
  } catch (error) {
    yield asRefusal(error, path)
  }
}
