import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Job, JobLine, accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { FILE_MODE, FOLDER_MODE, isRunning } from '../workspace/folder-upkeep'
import { namesIn, readKept, writeWhole } from './training-folder'

/** Jobs as files: `<jobId>/job.json`, written whole, and `<jobId>/lines.jsonl`, what the worker said. */
export interface JobFiles {
  readonly folderOf: (jobId: string) => string
  readonly list: () => Promise<readonly Job[]>
  readonly read: (jobId: string) => Promise<Result<Job>>
  readonly keep: (job: Job) => Promise<void>
  readonly say: (jobId: string, line: JobLine) => Promise<void>
  readonly lines: (jobId: string) => Promise<readonly JobLine[]>
  /** Takes the queue for this process; gives the number of the other process that has it, else null. */
  readonly hold: () => Promise<number | null>
  readonly release: () => Promise<void>
}

const JOB_ID = /^job-\d{1,6}$/
const Holder = z.strictObject({ pid: z.number().int().positive() })

/** The number of the training that made a model, by its name; null: another name. */
export const trainingOf = (modelId: string): number | null => {
  const number = /-t(\d{1,6})$/.exec(modelId)?.[1]
  return number === undefined ? null : Number(number)
}

export function createJobFiles(directory: string, pid: number): JobFiles {
  const folderOf = (jobId: string): string => join(directory, jobId)
  const holder = join(directory, 'holder.json')
  const read = async (jobId: string): Promise<Result<Job>> => {
    const kept = JOB_ID.test(jobId) ? await readKept(join(folderOf(jobId), 'job.json'), Job) : null
    return kept === null
      ? refuse('not-found', `There is no training ${jobId}.`, { next: 'Look at the list of trainings.' })
      : accept(kept)
  }
  return {
    folderOf,
    read,
    list: async () => {
      const names = (await namesIn(directory)).filter((name) => JOB_ID.test(name))
      const jobs = await Promise.all(names.map(read))
      return jobs.flatMap((job) => (job.ok ? [job.value] : [])).toSorted((a, b) => b.number - a.number)
    },
    keep: (job) => writeWhole(join(folderOf(job.jobId), 'job.json'), `${JSON.stringify(job, null, 2)}\n`),
    say: async (jobId, line) => {
      await mkdir(folderOf(jobId), { recursive: true, mode: FOLDER_MODE })
      await appendFile(join(folderOf(jobId), 'lines.jsonl'), `${JSON.stringify(line)}\n`, { mode: FILE_MODE })
    },
    lines: async (jobId) =>
      linesOf(await readFile(join(folderOf(jobId), 'lines.jsonl'), 'utf8').catch(() => '')),
    hold: async () => {
      const kept = await readKept(holder, Holder)
      if (kept !== null && kept.pid !== pid && isRunning(kept.pid)) return kept.pid
      await writeWhole(holder, JSON.stringify({ pid }))
      return null
    },
    release: async () => {
      const kept = await readKept(holder, Holder)
      if (kept?.pid === pid) await rm(holder, { force: true })
    },
  }
}

/** Lines that are whole; the last one may have been cut by a loss of power. */
function linesOf(text: string): JobLine[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return []
    try {
      const parsed = JobLine.safeParse(JSON.parse(line))
      return parsed.success ? [parsed.data] : []
    } catch {
      return []
    }
  })
}
