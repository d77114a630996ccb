import type { Refusal } from '../../contract'

/** So many refusals of one kind are listed one by one; the rest are counted. An archive of rubbish is one problem, not 1,500. */
const LISTED_IN_ARCHIVE = 20
const LISTED_IN_FOLDER = 1000

/** Keeps lists readable: what goes beyond the limit of its archive or of the folder is named by number, never dropped unsaid. */
export function summariseRefusals(refused: readonly Refusal[]): readonly Refusal[] {
  const groups = new Map<string, Refusal[]>()
  for (const refusal of refused) {
    const [archive, entry] = (refusal.path ?? '').split('!/')
    const key = `${refusal.code}|${entry === undefined ? '' : (archive ?? '')}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [refusal])
    else group.push(refusal)
  }
  return [...groups].flatMap(([key, group]) => {
    const container = key.slice(key.indexOf('|') + 1)
    const limit = container === '' ? LISTED_IN_FOLDER : LISTED_IN_ARCHIVE
    const [first] = group
    if (first === undefined || group.length <= limit) return group
    const rest = group.length - limit
    const summary: Refusal = {
      code: first.code,
      reason: `${rest} more like these: ${first.reason}`,
      ...(container === '' ? {} : { path: container }),
    }
    return [...group.slice(0, limit), summary]
  })
}
