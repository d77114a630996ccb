import type { DeviceName } from '../../../contract'
import { drawLatents } from '../../../core/sampling/latent-draw'
import type { LatentPrior, NoiseSource } from '../../../core/sampling/latent-draw'
import type { ModelInput } from '../../../core/sampling/model-input'
import type { ModelPackage } from '../../registry/package'
import type { Answer, ChildLink, Question } from './child-link'
import { mismatchOfPorts } from './golden-check'
import type { InferenceReply } from './protocol'

/** Past these the inference process hangs, and is killed. */
export interface TimeLimitsMs {
  /** Reading the graphs and compiling them for the device. */
  readonly open: number
  /** A photograph takes 80 GMAC: seconds on a slow processor. */
  readonly encode: number
  readonly sample: number
  /** Scaling a photograph, or the report on a thousand masks of one. */
  readonly compute: number
}

/** One image and the package that reads it; `inputKey` names the image's content. */
export interface ImageJob {
  readonly model: ModelPackage
  readonly input: ModelInput
  readonly inputKey: string
}

/** One image of a run. */
export interface SampleJob extends ImageJob {
  readonly noise: NoiseSource
}

/** Latents, [count, L] float32, of the prior over one image. */
export type LatentsOf = (prior: LatentPrior) => Float32Array<ArrayBuffer>

/** Samples `first` .. of a job on its grid. */
export interface Sampled {
  /** The encoder did not run for this chunk. */
  readonly encoderCached: boolean
  /** Packed masks and int8 fields as in the contract. */
  readonly masks: Uint8Array
  readonly fields: Int8Array
}

/** Two threads are as fast as more on crops, and the page stays quick beside them. Bytes do not depend on it. */
export const THREADS = 2

export type ComputeQuestion = Extract<Question, { readonly kind: 'prepare' | 'report' }>

/** Why a device did not do what was asked. `final`: asking again cannot help. */
export interface Failure {
  readonly reason: string
  readonly final: boolean
  /** The inference process gave no answer: it died, was killed or took too long. Nothing is said of the model. */
  readonly lost: boolean
}
export type Attempt<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure }

const failed = (
  reason: string,
  final = false,
  lost = false,
): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: { reason, final, lost },
})

const unexpected = (answer: Answer): { readonly ok: false; readonly failure: Failure } => {
  if (!answer.ok)
    return failed(answer.reason, answer.failure === 'closed' || answer.failure === 'queue-full', true)
  if (answer.reply.kind === 'failed') return failed(inFewWords(answer.reply.reason))
  return failed(`The inference process answered "${answer.reply.kind}" out of turn.`)
}

/** ONNX Runtime puts source file, line and signature before what it has to say. */
const inFewWords = (reason: string): string =>
  (reason.split(/ was false\. |\) (?=Failed)|FAIL : /).at(-1) ?? reason)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 240)

/** What the child says is missing is brought to it; more often than this it is not a matter of missing things. */
const MAX_ERRANDS = 4
/** Latent priors are a few numbers each. */
const MAX_PRIORS = 512

/** Asks the inference process, and brings it what it lacks: it forgets when it dies and when its caches are full. */
export class RemoteEngine {
  readonly #link: ChildLink
  readonly #limitsMs: TimeLimitsMs
  readonly #priors = new Map<string, LatentPrior>()

  constructor(link: ChildLink, limitsMs: TimeLimitsMs) {
    this.#link = link
    this.#limitsMs = limitsMs
  }

  /** Opens a package on a device; refused where its graphs are not those of its manifest. */
  async open(model: ModelPackage, device: DeviceName): Promise<Attempt<null>> {
    const { encoderPath, samplerPath, sha256 } = model
    const question: Question = {
      kind: 'open',
      modelKey: sha256,
      device,
      encoderPath,
      samplerPath,
      threads: THREADS,
    }
    const answer = await this.#link.ask(question, this.#limitsMs.open)
    if (!answer.ok || answer.reply.kind !== 'opened') return unexpected(answer)
    const mismatch = mismatchOfPorts(model.manifest, answer.reply.encoder, answer.reply.sampler)
    return mismatch === '' ? { ok: true, value: null } : failed(mismatch, true)
  }

  async goldenLogits(
    model: ModelPackage,
    device: DeviceName,
    inputKey: string,
  ): Promise<Attempt<Float32Array>> {
    const { golden } = model
    const on = { modelKey: model.sha256, device, inputKey }
    const { channels, heightPx, widthPx } = golden
    const encode: Question = {
      ...on,
      kind: 'encode',
      image: golden.input,
      channels,
      heightPx,
      widthPx,
      stripRows: stripRowsOf(model, device),
    }
    const encoded = await this.#link.ask(encode, this.#limitsMs.encode)
    if (!encoded.ok || encoded.reply.kind !== 'encoded') return unexpected(encoded)
    const latents = drawLatents(encoded.reply, { seed: golden.seed, directions: null }, 0, golden.samples)
    const logits: Question = { ...on, kind: 'logits', latents, count: golden.samples }
    const answer = await this.#link.ask(logits, this.#limitsMs.sample)
    if (!answer.ok || answer.reply.kind !== 'logits') return unexpected(answer)
    return { ok: true, value: answer.reply.logits }
  }

  /** `count` outlines from the latents that `latentsOf` gives once the encoder has told the prior. */
  async sample(
    job: ImageJob,
    device: DeviceName,
    count: number,
    latentsOf: LatentsOf,
  ): Promise<Attempt<Sampled>> {
    const priorKey = `${device} ${job.model.sha256} ${job.inputKey}`
    let encoderCached = true
    for (let errand = 0; errand < MAX_ERRANDS; errand += 1) {
      const prior = this.#priors.get(priorKey)
      const answer =
        prior === undefined
          ? await this.#link.ask(encodeQuestion(job, device), this.#limitsMs.encode)
          : await this.#link.ask(sampleQuestion(job, device, latentsOf(prior), count), this.#limitsMs.sample)
      if (!answer.ok) return unexpected(answer)
      const { reply } = answer
      if (reply.kind === 'sampled')
        return { ok: true, value: { encoderCached, masks: reply.masks, fields: reply.fields } }
      if (reply.kind === 'encoded') {
        encoderCached &&= reply.cached
        this.#remember(priorKey, reply)
      } else if (reply.kind === 'absent') {
        this.#priors.delete(priorKey)
        const opened = reply.what === 'model' ? await this.open(job.model, device) : null
        if (opened !== null && !opened.ok) return opened
      } else {
        return reply.kind === 'failed' && device === 'cpu'
          ? failed(inFewWords(reply.reason), true)
          : unexpected(answer)
      }
    }
    return failed('The inference process keeps losing the model.')
  }

  /** What needs no graph; asked once more when the process dies of something else meanwhile. */
  async compute(question: ComputeQuestion): Promise<Attempt<InferenceReply>> {
    let last: Answer = await this.#link.ask(question, this.#limitsMs.compute)
    if (!last.ok && last.failure === 'crashed') last = await this.#link.ask(question, this.#limitsMs.compute)
    return last.ok && last.reply.kind !== 'failed' ? { ok: true, value: last.reply } : unexpected(last)
  }

  #remember(key: string, { mean, logVariance }: LatentPrior): void {
    this.#priors.set(key, { mean, logVariance })
    for (const oldest of this.#priors.keys()) {
      if (this.#priors.size <= MAX_PRIORS) break
      this.#priors.delete(oldest)
    }
  }
}

/** Eight samples of 32 rows fit the processor's cache: a fifth less time than whole crops, and the same bytes. */
const CPU_STRIP_ROWS = 32

/** What the package asks for; on the processor never all rows at once. */
const stripRowsOf = (model: ModelPackage, device: DeviceName): number | null =>
  model.manifest.samplerHint.stripRows ?? (device === 'cpu' ? CPU_STRIP_ROWS : null)

function encodeQuestion({ model, input, inputKey }: ImageJob, device: DeviceName): Question {
  const { channels, heightPx, widthPx } = input
  return {
    kind: 'encode',
    modelKey: model.sha256,
    device,
    inputKey,
    image: new Float32Array(input.values),
    channels,
    heightPx,
    widthPx,
    stripRows: stripRowsOf(model, device),
  }
}

function sampleQuestion(
  { model, input, inputKey }: ImageJob,
  device: DeviceName,
  latents: Float32Array<ArrayBuffer>,
  count: number,
): Question {
  return {
    kind: 'sample',
    modelKey: model.sha256,
    device,
    inputKey,
    latents,
    count,
    widthPx: input.grid.widthPx,
    heightPx: input.grid.heightPx,
    fieldOfView: input.fieldOfView === null ? null : new Uint8Array(input.fieldOfView.pixels),
  }
}
