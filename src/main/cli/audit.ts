import { parseArgs } from 'node:util'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import type { WorkspaceStore } from '../workspace/store'
import { UsageError } from './command-io'
import type { CommandIo } from './command-io'
import { onWorkspace } from './raters'

const PAGE = 1_000

/** `margin audit verify`: recomputes the hash chain of the log. `margin audit`: prints the log, one JSON line an entry. */
export async function runAudit(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { workspace: { type: 'string' } },
    strict: true,
    allowPositionals: true,
  })
  const [act] = positionals
  if (act === undefined) return onWorkspace(values.workspace, io, (store) => printLog(store, io))
  if (act !== 'verify') throw new UsageError(`margin audit has no "${act}".`)
  return onWorkspace(values.workspace, io, async (store) => {
    const verdict = await store.verifyAudit()
    if (!verdict.ok || verdict.value.whole) return verdict
    io.out(JSON.stringify(verdict.value))
    return refuse('annotation-damaged', `The log is broken at entry ${verdict.value.brokenAt ?? 0}.`, {
      next: 'Compare with a backup of the workspace.',
    })
  })
}

async function printLog(store: WorkspaceStore, io: CommandIo): Promise<Result<unknown>> {
  for (let after = 0; ;) {
    const page = await store.auditEntries(after, PAGE)
    if (!page.ok) return page
    for (const entry of page.value) io.out(JSON.stringify(entry))
    const last = page.value.at(-1)
    if (last === undefined) return accept({ entries: after })
    after = last.number
  }
}
