import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { STREAM_PHANTOM, standardNormals } from '../../../src/core/sampling/counter-rng'
import type { Directions } from '../../../src/core/sampling/even-draws'
import { drawLatents } from '../../../src/core/sampling/latent-draw'
import { Engine } from '../../../src/main/inference/process/engine'
import { readPackage } from '../../../src/main/registry/package'
import type { ModelPackage } from '../../../src/main/registry/package'
import { runPython } from '../../python'

/** ONNX Runtime of the same version gives the same bits in Node and in Python, whole crops and strips, one thread and two. */

const python = runPython()
const SAMPLES = 3
const SEED = 77

const packages = ['../../fixtures/tiny-model', '../../../models', '../../../build/models']
  .map((folder) => resolve(import.meta.dirname, folder))
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map((entry) => [entry.name, join(entry.parentPath, entry.name)] as const)

const PROGRAM = `
import base64, json, sys
from margin_trainer.sampling.even import even_normals
from margin_trainer.sampling.philox import latent_draws, standard_normals
import numpy as np, onnxruntime
given = json.load(sys.stdin)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
encoder, sampler = [onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"]) for path in given["paths"]]
answers = []
for text in given["images"]:
    image = np.frombuffer(base64.b64decode(text), "<f4").reshape(given["shape"])
    features, mean, log_variance = encoder.run(["features", "mean", "logVariance"], {"image": image})
    indices, directions = np.arange(given["samples"]), given["directions"]
    independent = directions is None
    noise = standard_normals(given["seed"], indices, mean.shape[1]) if independent else even_normals(given["seed"], indices, np.array(directions))
    z = latent_draws(mean[0], log_variance[0], noise)
    (logits,) = sampler.run(["logits"], {"features": features, "z": z})
    answers.append(base64.b64encode(np.ascontiguousarray(logits, "<f4").tobytes()).decode())
json.dump({"version": onnxruntime.__version__, "logits": answers}, sys.stdout)
`

const Answer = z.object({ version: z.string(), logits: z.array(z.string()) })

const toText = (values: Float32Array): string =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')

/** Inputs of a package's golden size, smooth noise: each pixel is a normal number. */
function imagesOf({ golden }: ModelPackage, count: number): Float32Array<ArrayBuffer>[] {
  const length = golden.input.length
  return Array.from({ length: count }, (_, which) =>
    Float32Array.from(standardNormals(SEED, which, STREAM_PHANTOM, length), (value) => 0.4 + 0.3 * value),
  )
}

/** What a package's samples are spread along; null where it draws independently. */
const directionsOf = ({ manifest: { draws } }: ModelPackage): Directions | null =>
  draws?.kind === 'even' ? draws.directions : null

async function logitsHere(
  model: ModelPackage,
  image: Float32Array<ArrayBuffer>,
  threads: number,
  stripRows: number | null,
): Promise<Float32Array> {
  const engine = new Engine()
  const { channels, heightPx, widthPx } = model.golden
  const modelOn = { id: 0, modelKey: model.sha256, device: 'cpu' } as const
  const on = { ...modelOn, inputKey: 'image' }
  await engine.answer({
    ...modelOn,
    kind: 'open',
    encoderPath: model.encoderPath,
    samplerPath: model.samplerPath,
    threads,
  })
  const prior = await engine.answer({ ...on, kind: 'encode', image, channels, heightPx, widthPx, stripRows })
  if (prior.kind !== 'encoded') throw new Error(JSON.stringify(prior))
  const latents = drawLatents(prior, { seed: SEED, directions: directionsOf(model) }, 0, SAMPLES)
  const reply = await engine.answer({ ...on, kind: 'logits', latents, count: SAMPLES })
  if (reply.kind !== 'logits') throw new Error(JSON.stringify(reply))
  return reply.logits
}

describe.skipIf(python === null)(`logits in Python${python === null ? ' (skipped: no .venv)' : ''}`, () => {
  test.each(packages)('%s: random inputs give the same bits', async (name, directory) => {
    const read = (await readPackage(directory)).package
    if (!read.ok || python === null) throw new Error('no package')
    const model = read.value
    const { channels, heightPx, widthPx } = model.golden
    const images = imagesOf(model, name.startsWith('tiny') ? 20 : 4)
    const given = {
      paths: [model.encoderPath, model.samplerPath],
      shape: [1, channels, heightPx, widthPx],
      images: images.map(toText),
      seed: SEED,
      directions: directionsOf(model),
      samples: SAMPLES,
    }
    const theirs = Answer.parse(JSON.parse(python(PROGRAM, JSON.stringify(given))))
    expect(theirs.version).toMatch(/^1\.30\./)
    for (const [which, image] of images.entries()) {
      const whole = toText(await logitsHere(model, image, 2, null))
      expect(whole === theirs.logits[which]).toBe(true)
      if (which === 0) expect(toText(await logitsHere(model, image, 1, 16)) === whole).toBe(true)
    }
  })
})
