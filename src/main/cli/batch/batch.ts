/** `margin batch`: `margin infer` on many series and photographs, resumable, by workers here or on an engine. */
import { join, resolve } from 'node:path'
import {
  accept,
  type BatchTask,
  refuse,
  type BatchManifest,
  type Refusal,
  type Result,
} from '../../../contract'
import type { Services } from '../../app/services'
import { writeWhole } from '../../training/training-folder'
import { researchUse, version } from '../../version'
import type { CommandGround } from '../command-ground'
import type { CommandIo } from '../command-io'
import { failed } from '../infer/infer'
import { readInferArguments } from '../infer/infer-arguments'
import { type BatchArguments, readBatchArguments } from './batch-arguments'
import { holdFolder, isForeign, isWhole, releaseFolder, removeItem } from './batch-folder'
import { type BatchPlan, planBatch, type PlannedTask } from './batch-plan'
import { batchTable } from './batch-table'
import { type Cluster, clusterAt } from './cluster'
import type { GivenPath } from './given-paths'
import { startHere, WORKER_WORDS } from './local-worker'
import { readPoints } from './points-table'
import { workThrough } from './worker-pool'

interface Ended {
  readonly refusals: ReadonlyMap<string, Refusal>
  readonly doneBefore: number
}

/** Prints what came of it as one line of JSON. Returns 0 when every item was done, else 1. */
export async function runBatch(
  args: readonly string[],
  io: CommandIo,
  ground: CommandGround,
): Promise<number> {
  if (args.length === 1 && args[0] === WORKER_WORDS[1]) {
    const { serveItems } = await import('./serve-items')
    return serveItems(ground, io, process.stdin)
  }
  const asked = readBatchArguments(args)
  const out = resolve(io.cwd, asked.out)
  const points = asked.points === null ? accept(null) : await readPoints(resolve(io.cwd, asked.points))
  if (!points.ok) return failed(points.refusal, io)
  const services = await io.services()
  const paths = await opened(services, asked, io)
  if (!paths.ok) return failed(paths.refusal, io)
  const ownPaths = paths.value
  const plan = await planBatch({ services, asked, paths: ownPaths, points: points.value, cwd: io.cwd, out })
  if (!plan.ok) return failed(plan.refusal, io)
  const held = await holdFolder(out)
  if (!held.ok) return failed(held.refusal, io)
  try {
    const done = await drawn(plan.value, asked, io, ground)
    if (!done.ok) return failed(done.refusal, io)
    return await concluded(plan.value, done.value, services, out, io)
  } finally {
    await releaseFolder(out)
  }
}

/** Opens and reads the paths. Refused: one that leads nowhere. */
async function opened(
  { library }: Services,
  asked: BatchArguments,
  io: CommandIo,
): Promise<Result<readonly GivenPath[]>> {
  const paths: GivenPath[] = []
  for (const given of asked.paths) {
    const root = await library.addRoot(resolve(io.cwd, given))
    if (!root.ok) return root
    paths.push({ given, real: root.value })
  }
  const scanned = await library.scan(
    paths.map(({ real }) => real),
    () => undefined,
    io.signal,
  )
  return scanned.ok ? accept(paths) : scanned
}

const itemsOf = ({ items }: BatchPlan): readonly BatchTask[] =>
  items.flatMap(({ planned }) => (planned.ok ? [planned.value] : []))

/** Draws what is not done yet. Refused: nothing to draw, a folder that is somebody's, workers that do not live. */
async function drawn(
  plan: BatchPlan,
  asked: BatchArguments,
  io: CommandIo,
  ground: CommandGround,
): Promise<Result<Ended>> {
  const items = itemsOf(plan)
  if (plan.items.length === 0)
    return refuse('not-found', 'There is nothing to draw in what was given.', {
      next: 'A CT series needs LIDC readings beside it or --points; see "margin scan".',
    })
  const due: BatchTask[] = []
  for (const item of items) {
    if (await isWhole(item)) continue
    if (await isForeign(item))
      return refuse('not-allowed', `${join(item.out, item.itemId)} is there, and no batch made it.`, {
        next: 'Move it away, or choose another folder with --out.',
      })
    await removeItem(item)
    due.push(item)
  }
  const doneBefore = items.length - due.length
  const refusals = new Map<string, Refusal>()
  for (const { itemId, planned } of plan.items) if (!planned.ok) refusals.set(itemId, planned.refusal)
  let ended = plan.items.length - due.length
  io.err(`${plan.items.length} items, ${doneBefore} of them done before.`)
  const by = await workersFor(asked, ground)
  if (!by.ok) return by
  const worked = await workThrough(due, {
    ...{ start: by.value.start, workers: by.value.slots, signal: io.signal },
    onEnded: ({ itemId }, refusal) => {
      ended += 1
      if (refusal !== null) refusals.set(itemId, refusal)
      const how = refusal === null ? 'done' : `failed: ${refusal.reason}`
      io.err(`${ended} of ${plan.items.length}: ${itemId} ${how}`)
    },
    onLost: ({ itemId }, reason) => {
      io.err(`A worker was lost with ${itemId} (${reason}); it is done again.`)
    },
  })
  if (worked.ok) return accept({ refusals, doneBefore })
  const next = worked.refusal.next ?? 'The same line goes on with it.'
  return refuse(worked.refusal.code, `${worked.refusal.reason} ${ended} of ${plan.items.length} are done.`, {
    next,
  })
}

/** Processes of this computer, or what draws at an address. */
async function workersFor(
  { address, workers }: BatchArguments,
  { ownWords, resources }: CommandGround,
): Promise<Result<Cluster>> {
  if (address === null) return accept({ start: startHere(ownWords), slots: workers })
  const { env: environment, platform } = process
  return clusterAt(address, { environment, platform, ...resources.trainer }, ownWords)
}

/** Manifest and table, and the words of the end. */
async function concluded(
  plan: BatchPlan,
  { refusals, doneBefore }: Ended,
  { library }: Services,
  out: string,
  io: CommandIo,
): Promise<number> {
  const items = plan.items.map((item) => manifestItem(item, refusals.get(item.itemId) ?? null))
  const table = await batchTable(out, items)
  if (!table.ok) return failed(table.refusal, io)
  const manifest: BatchManifest = {
    ...{ formatVersion: 1, version, models: [...plan.models], items, leftOut: [...plan.leftOut] },
    ...{ refused: [...library.current().refused], researchUse },
  }
  await writeWhole(join(out, 'batch.csv'), table.value)
  await writeWhole(join(out, 'batch.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  const failures = refusals.size
  const left = plan.leftOut.length
  io.err(
    `${items.length - failures} done, ${failures} failed, ${left} left out; ${join(out, 'batch.json')} says why.`,
  )
  const counts = {
    items: items.length,
    done: items.length - failures,
    doneBefore,
    failed: failures,
    leftOut: left,
  }
  io.out(JSON.stringify({ out, ...counts, manifest: 'batch.json', table: 'batch.csv' }))
  return failures === 0 ? 0 : 1
}

function manifestItem(
  { itemId, subject, planned }: PlannedTask,
  refusal: Refusal | null,
): BatchManifest['items'][number] {
  const command = planned.ok
    ? readInferArguments([...planned.value.words, '--out', planned.value.out]).command
    : ''
  return { itemId, subject, command, state: refusal === null ? 'done' : 'failed', refusal }
}
