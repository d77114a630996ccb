import type { Arrivals } from '../arriving/arrivals'
import type { Arrival } from '../arriving/passing-file'
import { PacsFailure } from '../pacs-failure'
import { boundaryOf, MultipartDamaged, multipartReader } from './multipart'
import type { PartSink } from './multipart'
import { expectSuccess } from './web-exchange'
import type { Answered, WebExchange } from './web-exchange'

/**
 * WADO-RS (PS3.18 10.4): objects as the archive keeps them, in whatever transfer syntax. Nothing here yet: the series in
 * one answer; else each object that is missing by its own name.
 */
const AS_KEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*'

export async function retrieveWeb(name: string, exchange: WebExchange, arrivals: Arrivals): Promise<void> {
  const { studyUid, seriesUid, listed } = arrivals
  const series = `/studies/${studyUid}/series/${seriesUid}`
  const missing = arrivals.missing()
  const paths =
    missing.length === listed.length
      ? [series]
      : missing.map(({ sopInstanceUid }) => `${series}/instances/${sopInstanceUid}`)
  for (const path of paths) {
    const answer = await exchange({ method: 'GET', path, accept: AS_KEPT })
    expectSuccess(name, answer)
    await receive(name, answer, arrivals)
  }
}

const lied = (name: string, how: string): PacsFailure =>
  new PacsFailure(
    'pacs-damaged',
    `${name} ${how}.`,
    'Fetch again; what came whole before is kept. If it repeats, ask whoever runs the archive.',
  )

/** The length that a part declares; null: it declares none, as is its right. */
function declared(headers: ReadonlyMap<string, string>): number | null {
  const said = headers.get('content-length')
  return said === undefined ? null : /^\d{1,15}$/.test(said) ? Number(said) : Number.NaN
}

async function receive(name: string, answer: Answered, arrivals: Arrivals): Promise<void> {
  const boundary = boundaryOf(answer.contentType)
  if (boundary === null) throw lied(name, 'answers with something else than DICOM objects')
  let current: { readonly arrival: Arrival; readonly saidBytes: number | null; bytes: number } | null = null
  const sink: PartSink = {
    begin: (headers) => {
      current = { arrival: arrivals.begin(), saidBytes: declared(headers), bytes: 0 }
    },
    write: (bytes) => {
      if (current === null) return
      current.bytes += bytes.byteLength
      current.arrival.write(bytes)
    },
    end: () => {
      if (current === null) return
      const { arrival, saidBytes, bytes } = current
      if (saidBytes !== null && saidBytes !== bytes)
        throw lied(name, `said an object of ${saidBytes} bytes and sent ${bytes}`)
      current = null
      arrival.keep()
    },
  }
  const reader = multipartReader(boundary, sink)
  try {
    for await (const bytes of answer.body) {
      reader.push(bytes)
      if (reader.isWhole()) break
    }
    if (!reader.isWhole()) throw lied(name, 'broke off in the middle of an object')
  } catch (error) {
    if (error instanceof MultipartDamaged)
      throw lied(name, `sent a body that makes no sense (${error.message})`)
    throw error
  } finally {
    dropped(current)
  }
}

function dropped(current: { readonly arrival: Arrival } | null): void {
  current?.arrival.drop()
}
