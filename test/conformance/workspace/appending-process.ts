import { writeSync } from 'node:fs'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'

/**
 * A process that opens a workspace, verifies it and says what it `found` (or `!` and why not), then appends gestures as
 * fast as it can and says so: `N` before, `+N` when gesture N is acknowledged. It
 * says `ready` when it is loaded, and begins with the line that tells it what to do: a JSON list of the workspace
 * folder, the attempt, the path of the store's thread (or `here`), gestures (or `endless`), text of a gesture. A gesture
 * that is refused ends it; told to `stay`, it says `!` with the refusal as JSON and goes on running, as a server does.
 */

const say = (line: string): void => {
  writeSync(1, `${line}\n`)
}

/** A uuid that needs no randomness: the process and the gesture. */
const idOf = (number: number): string =>
  `${process.pid.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`

async function appendAll([
  folder = '',
  attemptId = '',
  thread = 'here',
  most = 'endless',
  mark = '',
  then = 'end',
]: readonly string[]): Promise<void> {
  const opened = await openWorkspace(folder, {
    clock: () => Date.now(),
    ...(thread === 'here' ? {} : { workerPath: thread }),
  })
  if (!opened.ok) throw new Error(opened.refusal.reason)
  const found = await opened.value.entries(attemptId, 0)
  const verdict = await opened.value.verifyAudit()
  if (!found.ok || !verdict.ok || !verdict.value.whole) throw new Error('the workspace is not whole')
  if (found.value.some(({ edit }, index) => edit.title !== `${mark}${index + 1}`))
    throw new Error('out of order')
  say(`found ${found.value.length}`)
  let revision = found.value.length
  const limit = most === 'endless' ? Infinity : Number(most)
  for (let done = 0; done < limit; done += 1) {
    const number = revision + 1
    say(String(number))
    const appended = await opened.value.append(attemptId, {
      entryId: idOf(number),
      expectedRevision: revision,
      edit: { kind: 'rename-structure', title: `${mark}${number}`, structureId: 's', from: 'a', to: 'b' },
      undoes: null,
    })
    if (!appended.ok && then === 'stay') {
      say(`!${JSON.stringify(appended.refusal)}`)
      setInterval(() => undefined, 1_000)
      return
    }
    if (!appended.ok) throw new Error(appended.refusal.reason)
    revision = appended.value.revision
    say(`+${revision}`)
  }
  await opened.value.close()
}

process.stdin.once('data', (line) => {
  process.stdin.destroy()
  void appendAll(JSON.parse(line.toString()) as string[]).catch((error: unknown) => {
    say(`! ${String(error)}`)
    process.exitCode = 1
  })
})
say('ready')
