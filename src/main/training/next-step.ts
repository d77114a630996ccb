import type { TrainingState } from '../../contract'
import { keptFromPromotion } from '../../core/training/promotable'

/** What comes next on the way from readings to a promoted model, in a sentence. */
export function nextStep(
  { sets, jobs, versions }: Pick<TrainingState, 'sets' | 'jobs' | 'versions'>,
  canTrain: boolean,
): string {
  const [job] = jobs
  const version = versions.find(({ model }) => model.id === job?.candidate?.id)
  if (!canTrain) return 'Put up the trainer’s Python first: everything but training works without.'
  if (sets.length === 0) return 'Read images, commit the readings, then freeze a set of them.'
  if (job === undefined || job.set.setId !== sets[0]?.setId) return 'Train on the newest set.'
  switch (job.state) {
    case 'queued':
    case 'training':
    case 'judging':
      return 'Nothing: you can go on reading. The model in use stays until you promote another.'
    case 'paused':
      return `Resume training ${job.number}, or cancel it.`
    case 'trained':
      return `Judge candidate ${job.number} on the held-out patients.`
    case 'judged':
      if (version === undefined) return 'Read more images, then freeze another set.'
      if (version.promotedAt !== null) return 'Look at new cases with it. Going back is one click.'
      return keptFromPromotion(job.gate) === null
        ? 'Look at the ten worst cases, then promote or keep as experimental.'
        : 'It stays experimental: read more images, then train again.'
    case 'cancelled':
    case 'failed':
      return `Resume training ${job.number}, or start another.`
  }
}
