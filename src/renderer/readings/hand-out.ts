import { accept, type Result } from '../../contract'
import { postForResponse } from '../wire/http'

/** A file that the program made. */
export interface GivenFile {
  readonly name: string
  readonly bytes: Blob
}

/** `POST /api/<path>` whose answer is a file, named by its `content-disposition`. */
export async function postForFile(path: string, body: unknown): Promise<Result<GivenFile>> {
  const answer = await postForResponse(path, body)
  if (!answer.ok) return answer
  const named = /filename="([^"]+)"/.exec(answer.value.headers.get('content-disposition') ?? '')
  return accept({ name: named?.[1] ?? 'margin.zip', bytes: await answer.value.blob() })
}

/** Gives a file to the browser, which asks or saves as its user set it. */
export function saveFile({ name, bytes }: GivenFile): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(bytes)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
