import type { Result } from '../../contract'
import { useProblems } from '../wire/problems'
import { useLibrary } from './library'

/** Scans roots that the window is opening where they lie; what it refuses to open is told. True: it went to its end. */
export async function openInPlace(opening: Promise<readonly string[]>): Promise<boolean> {
  const roots = await opened(opening)
  if (roots.ok) return roots.value.length > 0 && useLibrary().scan(roots.value)
  useProblems().addRefusal('library', 'This cannot be opened', roots.refusal)
  return false
}

/** What the window refused to open comes as an error whose last words are the reason. */
async function opened(opening: Promise<readonly string[]>): Promise<Result<readonly string[]>> {
  try {
    return { ok: true, value: await opening }
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).replace(/^.*?Error: /, '')
    return { ok: false, refusal: { code: 'file-unreadable', reason } }
  }
}
