import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Golden, Manifest, accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { readGraphFacts } from './onnx-graph'

/** What every device must repeat: input [1, C, H, W] and logits [N, 1, H, W] of samples 0..N-1 of a seed. */
export interface GoldenRun {
  readonly seed: number
  readonly samples: number
  readonly channels: number
  readonly heightPx: number
  readonly widthPx: number
  readonly input: Float32Array<ArrayBuffer>
  readonly logits: Float32Array<ArrayBuffer>
  readonly tolerance: Golden['tolerance']
}

/** A package whose files are what its manifest says. */
export interface ModelPackage {
  readonly directory: string
  readonly manifest: Manifest
  /** sha256 over the sha256 texts of encoder and sampler: names what computes, whatever the package is called. */
  readonly sha256: string
  readonly encoderPath: string
  readonly samplerPath: string
  readonly golden: GoldenRun
}

/** Larger is no model of ours and would only fill the memory. */
const MAX_FILE_BYTES = 512 * 2 ** 20
/** What the program's runtime is tested with; a newer one may mean other things by the same name. */
const OPSETS = { least: 13, most: 21 }
/** Operators that would make a run depend on more than image and latent, or run other graphs. */
const FORBIDDEN = /^(Random.*|Bernoulli|Multinomial|If|Loop|Scan|.*\..*)$/

/** A refusal that stops the reading of a package; caught where it began. */
class PackageRefused extends Error {
  constructor(
    readonly reason: string,
    readonly path: string,
  ) {
    super(reason)
  }
}

/** What is to be said of a package whose manifest could be read, whether or not the package is refused. */
export interface ReadPackage {
  readonly manifest: Manifest | null
  readonly package: Result<ModelPackage>
}

/**
 * Reads `directory` and checks all that can be checked without running it: the manifest's schema, each file's sha256,
 * the graphs' operators, opset and weights, the golden run's shape. Refused by name, saying which file and why.
 */
export async function readPackage(directory: string): Promise<ReadPackage> {
  let manifest: Manifest | null = null
  try {
    manifest = await readManifest(directory)
    return { manifest, package: accept(await readFiles(directory, manifest)) }
  } catch (error) {
    if (!(error instanceof PackageRefused)) throw error
    const more = {
      path: join(basename(directory), error.path),
      next: 'Install the package again from its source.',
    }
    return { manifest, package: refuse('model-refused', error.reason, more) }
  }
}

async function readManifest(directory: string): Promise<Manifest> {
  const text = new TextDecoder().decode(await readBytes(directory, 'manifest.json'))
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new PackageRefused('manifest.json is not JSON.', 'manifest.json')
  }
  const parsed = Manifest.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new PackageRefused(
      `manifest.json, ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
      'manifest.json',
    )
  }
  const manifest = parsed.data
  if (manifest.id !== basename(directory)) {
    throw new PackageRefused(
      `manifest.json names the package "${manifest.id}", its folder another.`,
      'manifest.json',
    )
  }
  if (manifest.flow.where === 'prior' || manifest.flow.where === 'both') {
    throw new PackageRefused(
      'The package has a flow on its prior, which this program cannot run.',
      'manifest.json',
    )
  }
  return manifest
}

async function readFiles(directory: string, manifest: Manifest): Promise<ModelPackage> {
  const { encoder, sampler } = manifest.graphs
  for (const graph of [encoder, sampler]) {
    checkGraph(await readChecked(directory, graph.file, graph.sha256), graph)
  }
  return {
    directory,
    manifest,
    sha256: createHash('sha256').update(encoder.sha256).update(sampler.sha256).digest('hex'),
    encoderPath: join(directory, encoder.file),
    samplerPath: join(directory, sampler.file),
    golden: await readGolden(directory, manifest),
  }
}

function checkGraph(bytes: Uint8Array, graph: Manifest['graphs']['encoder']): void {
  const read = readGraphFacts(bytes, graph.file)
  if (!read.ok) throw new PackageRefused(read.refusal.reason, graph.file)
  const { opset, operators, notFinite, external } = read.value
  if (opset !== graph.opset || opset < OPSETS.least || opset > OPSETS.most) {
    const wanted = `the manifest says ${graph.opset}, this program runs ${OPSETS.least} to ${OPSETS.most}`
    throw new PackageRefused(`${graph.file} is of opset ${opset}; ${wanted}.`, graph.file)
  }
  const forbidden = operators.find((operator) => FORBIDDEN.test(operator))
  if (forbidden !== undefined)
    throw new PackageRefused(`${graph.file} holds the operator ${forbidden}.`, graph.file)
  const [bad] = notFinite
  if (bad !== undefined) {
    throw new PackageRefused(
      `${graph.file}: the weight "${bad}" holds values that are not numbers.`,
      graph.file,
    )
  }
  const [elsewhere] = external
  if (elsewhere !== undefined) {
    throw new PackageRefused(`${graph.file}: the weight "${elsewhere}" lies in another file.`, graph.file)
  }
}

async function readGolden(directory: string, manifest: Manifest): Promise<GoldenRun> {
  const { file, data } = manifest.golden
  const text = new TextDecoder().decode(await readChecked(directory, file, manifest.golden.sha256))
  const bytes = await readChecked(directory, data, manifest.golden.dataSha256)
  const parsed = Golden.safeParse(parseJson(text, file))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new PackageRefused(`${file}, ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`, file)
  }
  const golden = parsed.data
  const [, channels, heightPx, widthPx] = golden.inputShape
  const inputCount = channels * heightPx * widthPx
  const logitCount = golden.samples * heightPx * widthPx
  const expected = [golden.samples, 1, heightPx, widthPx]
  if (golden.logitsShape.some((size, axis) => size !== expected[axis])) {
    throw new PackageRefused(`${file}: the logits' shape does not follow from the input's.`, file)
  }
  if (channels !== manifest.input.channels || golden.latentDimension !== manifest.latent.dimension) {
    throw new PackageRefused(`${file}: channels or latent dimension are not those of the manifest.`, file)
  }
  if (bytes.byteLength !== 4 * (inputCount + logitCount)) {
    throw new PackageRefused(
      `${data} holds ${bytes.byteLength} bytes, not ${4 * (inputCount + logitCount)}.`,
      data,
    )
  }
  const values = float32LittleEndian(bytes)
  const { seed, samples, tolerance } = golden
  const input = values.slice(0, inputCount)
  const logits = values.slice(inputCount)
  if (!logits.every(Number.isFinite))
    throw new PackageRefused(`${data} holds logits that are not numbers.`, data)
  return { seed, samples, tolerance, channels, heightPx, widthPx, input, logits }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new PackageRefused(`${file} is not JSON.`, file)
  }
}

function float32LittleEndian(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new Float32Array(bytes.byteLength / 4)
  for (let index = 0; index < values.length; index += 1) values[index] = view.getFloat32(index * 4, true)
  return values
}

async function readChecked(directory: string, file: string, sha256: string): Promise<Uint8Array> {
  const bytes = await readBytes(directory, file)
  const found = createHash('sha256').update(bytes).digest('hex')
  if (found !== sha256) {
    throw new PackageRefused(
      `${file} is not the file of the manifest: its sha256 is ${found}, not ${sha256}.`,
      file,
    )
  }
  return bytes
}

async function readBytes(directory: string, file: string): Promise<Uint8Array> {
  if (basename(file) !== file || file === '' || file === '..') {
    throw new PackageRefused(`The file name "${file}" leads out of the package.`, 'manifest.json')
  }
  let bytes: Uint8Array
  try {
    bytes = await readFile(join(directory, file))
  } catch (error) {
    throw new PackageRefused(
      `${file} cannot be read: ${error instanceof Error ? error.message : 'unknown'}.`,
      file,
    )
  }
  if (bytes.byteLength > MAX_FILE_BYTES) throw new PackageRefused(`${file} is larger than 512 MiB.`, file)
  return bytes
}
