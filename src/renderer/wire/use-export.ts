import { ref, type Ref, shallowRef, type ShallowRef } from 'vue'
import { accept, type Refusal, type Result } from '../../contract'
import { postForResponse } from './http'

/** A file that the program made. */
interface GivenFile {
  readonly name: string
  readonly bytes: Blob
}

/** `POST /api/<path>` whose answer is a file, named by its `content-disposition`. */
async function postForFile(path: string, body: unknown): Promise<Result<GivenFile>> {
  const answer = await postForResponse(path, body)
  if (!answer.ok) return answer
  const named = /filename="([^"]+)"/.exec(answer.value.headers.get('content-disposition') ?? '')
  return accept({ name: named?.[1] ?? 'margin.zip', bytes: await answer.value.blob() })
}

/** Gives a file to the browser, which asks or saves as its user set it. */
function saveFile({ name, bytes }: GivenFile): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(bytes)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

/** A file that is asked for and saved, and what became of it. */
export interface ExportState {
  readonly isWriting: Ref<boolean>
  readonly refusal: ShallowRef<Refusal | null>
  /** Name of the file that was saved last. */
  readonly saved: Ref<string | null>
  readonly exportFile: (path: string, body: unknown) => Promise<void>
}

export function useExport(): ExportState {
  const isWriting = ref(false)
  const refusal = shallowRef<Refusal | null>(null)
  const saved = ref<string | null>(null)
  async function exportFile(path: string, body: unknown): Promise<void> {
    isWriting.value = true
    refusal.value = null
    saved.value = null
    const answer = await postForFile(path, body)
    isWriting.value = false
    if (!answer.ok) {
      refusal.value = answer.refusal
      return
    }
    saveFile(answer.value)
    saved.value = answer.value.name
  }
  return { isWriting, refusal, saved, exportFile }
}
