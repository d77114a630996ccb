import type { Context } from 'hono'
import { accept } from '../../contract'
import type { Rater, Result, RunExportRequest, SendRequest, Subject } from '../../contract'
import { subjectOfTarget } from '../../core/subject/subject'
import type { ExportedFile } from '../exchange/exported-file'
import { isWithheld, release } from './asking'
import type { Services } from './services'

/** What is handed out as a ZIP, under one set of rules wherever it goes: to a disk or to an archive. */

/** What a model drew, compared with nobody. */
export const releaseModel = (
  c: Context,
  services: Services,
  subject: Subject,
  detail: string,
): Promise<Result<null>> => release(c, services, subject, 'model', detail)

/**
 * A run shows the model, and its report compares with the readings that were brought in. `detail`: which samples, where
 * they are drawn anew.
 */
export async function releaseRun(
  c: Context,
  services: Services,
  subject: Subject,
  detail = 'samples',
): Promise<Result<null>> {
  const { readings } = services
  const set = readings.of(subject)
  const model = await releaseModel(c, services, subject, detail)
  if (!model.ok || set === null) return model
  const peers = await release(c, services, subject, 'peers', 'agreement of a run')
  return peers.ok ? accept(null) : peers
}

/** A run as files; refused while its subject is withheld from who asks. */
export async function handOutRun(
  c: Context,
  services: Services,
  request: RunExportRequest,
): Promise<Result<ExportedFile>> {
  const subject = subjectOfTarget(request.run.target)
  const released = await releaseRun(c, services, subject)
  if (!released.ok) return released
  const file = await services.runExports.exportRun(request, c.req.raw.signal)
  // A blind reading may have begun while it was drawn.
  const still = await isWithheld(c, services, subject)
  return still.ok ? file : still
}

/** What a request to an archive would hand out, were it asked as a file. */
export function handOut(
  c: Context,
  services: Services,
  rater: Rater,
  asked: SendRequest,
): Promise<Result<ExportedFile>> {
  switch (asked.kind) {
    case 'readings':
      return services.exchange.exportReadings(rater, asked.request)
    case 'run':
      return handOutRun(c, services, asked.request)
    case 'measurements':
      return services.exchange.exportMeasurements(rater, asked.subject)
  }
}

/** What is sent to an archive is about this. */
export function subjectOfSending(asked: SendRequest): Subject {
  switch (asked.kind) {
    case 'readings':
      return asked.request.subject
    case 'run':
      return subjectOfTarget(asked.request.run.target)
    case 'measurements':
      return asked.subject
  }
}
