import { accept, refuse } from '../../../contract'
import type { DeviceName, DeviceReport, Result, SliceReport } from '../../../contract'
import type { Mask } from '../../../core/image/mask'
import type { SliceSamples } from '../../../core/measures/slice-report'
import type { RgbPicture } from '../../../core/sampling/field-of-view'
import type { Directions } from '../../../core/sampling/even-draws'
import { drawLatents, latentsAt } from '../../../core/sampling/latent-draw'
import type { ModelInput } from '../../../core/sampling/model-input'
import type { PhotographInput } from '../../../core/sampling/photograph-input'
import type { ModelPackage } from '../../registry/package'
import { ChildLink } from './child-link'
import { createDevices, deviceOrder } from './devices'
import type { Trial } from './devices'
import { checkGolden, tryDevice } from './device-trial'
import type { DeviceTrial } from './device-trial'
import { launchByFork } from '../../processes/launch'
import type { Launch } from '../../processes/launch'
import { RemoteEngine, THREADS } from './remote-engine'
import { prepareQuestion, reportQuestion } from './compute-questions'
import type { ImageJob, LatentsOf, SampleJob, Sampled, TimeLimitsMs } from './remote-engine'

export interface InferenceOptions {
  /** The built child.ts. */
  readonly childPath: string
  readonly platform: NodeJS.Platform
  readonly forcedDevice: DeviceName | null
  readonly nowMs: () => number
  readonly launch?: Launch
  readonly timeLimitsMs?: TimeLimitsMs
}

/** Places of the latent, in the coordinates of the directions; null: of the latent's own entries. */
export interface LatentPlaces {
  readonly directions: Directions | null
  readonly places: readonly (readonly number[])[]
}

/** Samples of a job and the device that made them. */
export interface SampledChunk extends Sampled {
  readonly device: DeviceReport
}

/** What runs models: the inference process, its devices, and what to do when it dies. */
export interface Inference {
  /** Graphs' inputs and outputs against the manifest and the golden run on the CPU; refused by name. */
  readonly verify: (model: ModelPackage) => Promise<Result<null>>
  /** The device that would run this model, tried when not known. */
  readonly chooseDevice: (model: ModelPackage) => Promise<Result<DeviceReport>>
  /** Each device of this system with this model, one after another: for whoever asks what this computer has. */
  readonly tryDevices: (model: ModelPackage) => Promise<readonly DeviceTrial[]>
  /** Samples; after a crash, a hang or a failing device once more on the next device, then refused. */
  readonly sample: (job: SampleJob, first: number, count: number) => Promise<Result<SampledChunk>>
  /** Outlines at places of the latent (`latentsAt`), with the same second try. */
  readonly sampleAt: (job: ImageJob, places: LatentPlaces) => Promise<Result<SampledChunk>>
  /** `photographForModel`, away from the thread that serves. */
  readonly preparePhotograph: (
    picture: RgbPicture,
    given: Mask | null,
    input: PhotographInput,
  ) => Promise<Result<ModelInput>>
  /** `sliceReport` on packed masks, away from the thread that serves. */
  readonly report: (
    masks: Uint8Array,
    count: number,
    slice: Omit<SliceSamples, 'masks'>,
  ) => Promise<Result<SliceReport>>
  /** The device used last, null before the first run. */
  readonly device: () => DeviceReport | null
  readonly close: () => void
}

const TIME_LIMITS_MS: TimeLimitsMs = { open: 60_000, encode: 120_000, sample: 120_000, compute: 120_000 }
const ATTEMPTS = 2
/** Starts nothing yet; the process starts with the first question. */
export function createInference(options: InferenceOptions): Inference {
  const link = new ChildLink(options.childPath, options.launch ?? launchByFork())
  const engine = new RemoteEngine(link, options.timeLimitsMs ?? TIME_LIMITS_MS)
  const devices = createDevices({
    platform: options.platform,
    forced: options.forcedDevice,
    threads: THREADS,
  })
  let used: DeviceReport | null = null

  const trialOf =
    (model: ModelPackage): Trial =>
    (device) =>
      tryDevice(engine, model, device, options)

  const chooseDevice = (model: ModelPackage): Promise<Result<DeviceReport>> =>
    devices.choose(model.sha256, trialOf(model))

  const drawn = async (job: ImageJob, count: number, latentsOf: LatentsOf): Promise<Result<SampledChunk>> => {
    let reason = ''
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const device = await chooseDevice(job.model)
      if (!device.ok) return device
      used = device.value
      const outcome = await engine.sample(job, device.value.used, count, latentsOf)
      if (outcome.ok) return accept({ ...outcome.value, device: device.value })
      reason = outcome.failure.reason
      if (outcome.failure.final) return refuse('inference-failed', reason)
      if (device.value.used !== 'cpu') devices.strike(device.value.used, reason)
    }
    return refuse('device-failed', `The model could not be run, tried ${ATTEMPTS} times. ${reason}`, {
      next: 'Run "margin doctor"; set MARGIN_DEVICE=cpu to leave other devices out.',
    })
  }

  return {
    verify: (model) => verifyPackage(engine, model),
    chooseDevice,
    tryDevices: async (model) => {
      const trials: DeviceTrial[] = []
      for (const device of deviceOrder(options.platform, options.forcedDevice))
        trials.push(await tryDevice(engine, model, device, options))
      return trials
    },
    sample: (job, first, count) => drawn(job, count, (prior) => drawLatents(prior, job.noise, first, count)),
    sampleAt: (job, { directions, places }) =>
      drawn(job, places.length, (prior) => latentsAt(prior, directions, places)),
    preparePhotograph: async (picture, given, input) => {
      const answer = await engine.compute(prepareQuestion(picture, given, input))
      if (!answer.ok) return refuse('inference-failed', answer.failure.reason)
      if (answer.value.kind === 'refused') return { ok: false, refusal: answer.value.refusal }
      return answer.value.kind === 'prepared' ? accept(answer.value.input) : outOfTurn(answer.value.kind)
    },
    report: async (masks, count, slice) => {
      const answer = await engine.compute(reportQuestion(masks, count, slice))
      if (!answer.ok) return refuse('inference-failed', answer.failure.reason)
      return answer.value.kind === 'reported' ? accept(answer.value.report) : outOfTurn(answer.value.kind)
    },
    device: () => used,
    close: () => {
      link.close()
    },
  }
}

/** A process that dies during the check may have been killed for anything: the check is made once more in a new one. */
async function verifyPackage(engine: RemoteEngine, model: ModelPackage): Promise<Result<null>> {
  let reason = ''
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const opened = await engine.open(model, 'cpu')
    const golden = opened.ok ? await checkGolden(engine, model, 'cpu', 'golden') : null
    reason = golden === null ? (opened.ok ? '' : opened.failure.reason) : golden.reason
    if (reason === '') return accept(null)
    if (!(golden?.isLost ?? (!opened.ok && opened.failure.lost))) return refusePackage(model, reason)
  }
  return refuse(
    'device-failed',
    `${model.manifest.id} could not be checked, tried ${ATTEMPTS} times. ${reason}`,
    {
      next: 'It is checked again when it is needed; see that enough memory is free.',
    },
  )
}

const refusePackage = ({ manifest }: ModelPackage, reason: string): Result<never> =>
  refuse('model-refused', `${manifest.id}: ${reason}.`, {
    next: 'Install the package again from its source.',
  })

const outOfTurn = (kind: string): Result<never> =>
  refuse('inference-failed', `The inference process answered "${kind}" out of turn.`)
