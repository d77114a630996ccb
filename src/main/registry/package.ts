import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { Manifest, accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { faultOfDirections } from '../../core/sampling/even-draws'
import { faultOfCalibration } from '../../core/uncertainty/calibration-scope'
import { readGolden } from './golden'
import type { GoldenRun } from './golden'
import { readGraphFacts } from './onnx-graph'
import { faultOfNumbers } from './manifest-bounds'
import { NotAFile, readOrdinaryFile } from './package-file'
import { PackageRefused, parseJson } from './package-refused'
import { shippedSha256 } from './shipped-packages'

/** A package whose files are what its manifest says. */
export interface ModelPackage {
  readonly directory: string
  readonly manifest: Manifest
  /** Of manifest.json, which names every other file by its hash: names the package in all that it says and computes. */
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

/** A package of a later program may differ in everything else: that is said, not what differs first. */
const Written = z.object({ formatVersion: z.number() })
const READ_VERSIONS = [1, 2]

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
    const bytes = await readBytes(directory, 'manifest.json')
    manifest = readManifest(directory, bytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const sound = { ...(await readFiles(directory, manifest)), sha256 }
    checkShipped(manifest.id, sha256)
    return { manifest, package: accept(sound) }
  } catch (error) {
    if (!(error instanceof PackageRefused)) throw error
    const more = {
      path: join(basename(directory), error.path),
      next: 'Install the package again from its source.',
    }
    return { manifest, package: refuse('model-refused', error.reason, more) }
  }
}

function readManifest(directory: string, bytes: Uint8Array): Manifest {
  const text = new TextDecoder().decode(bytes)
  const json = parseJson(text, 'manifest.json')
  const written = Written.safeParse(json)
  if (written.success && !READ_VERSIONS.includes(written.data.formatVersion)) {
    const reads = `this program reads ${READ_VERSIONS.join(' and ')}`
    throw new PackageRefused(
      `The package is of format version ${written.data.formatVersion}; ${reads}.`,
      'manifest.json',
    )
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
  const unknown = unknownPrior(manifest)
  if (unknown !== null) {
    throw new PackageRefused(`The package has ${unknown}, which this program cannot run.`, 'manifest.json')
  }
  const fault = faultOfDraws(manifest)
  if (fault !== '') throw new PackageRefused(`manifest.json, draws: ${fault}.`, 'manifest.json')
  const amiss = faultOfCalibration(manifest)
  if (amiss !== '') throw new PackageRefused(`manifest.json, calibration: ${amiss}.`, 'manifest.json')
  return manifest
}

/** What of a package's prior the program cannot draw from, in words; null: nothing. */
function unknownPrior({ flow, prior }: Manifest): string | null {
  if (prior.kind === 'mixture') return 'a mixture for its prior'
  const isFlow = prior.kind === 'conditional-flow' || flow.where === 'prior' || flow.where === 'both'
  return isFlow ? 'a flow on its prior' : null
}

/** Why a package cannot draw as its manifest says; empty when it can. */
function faultOfDraws({ formatVersion, draws, latent }: Manifest): string {
  if (formatVersion === 1) {
    return draws === undefined ? '' : 'format version 1 has none; even draws need version 2'
  }
  if (draws === undefined) return 'format version 2 says whether they are even or independent'
  return draws.kind === 'even' ? faultOfDirections(draws.directions, latent.dimension) : ''
}

/** A package under the name of one that comes with the program says what that one says, to the byte. */
function checkShipped(id: string, sha256: string): void {
  const shipped = shippedSha256(id)
  if (shipped === null || shipped === sha256) return
  throw new PackageRefused(
    `manifest.json is not that of the ${id} that comes with this program: its sha256 is ${sha256}, not ${shipped}.`,
    'manifest.json',
  )
}

async function readFiles(directory: string, manifest: Manifest): Promise<Omit<ModelPackage, 'sha256'>> {
  const { encoder, sampler } = manifest.graphs
  for (const graph of [encoder, sampler]) {
    checkGraph(await readChecked(directory, graph.file, graph.sha256), graph)
  }
  const golden = await readGoldenOf(directory, manifest)
  const fault = faultOfNumbers(manifest, golden)
  if (fault !== '') throw new PackageRefused(`manifest.json: ${fault}.`, 'manifest.json')
  return {
    directory,
    manifest,
    encoderPath: join(directory, encoder.file),
    samplerPath: join(directory, sampler.file),
    golden,
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

async function readGoldenOf(directory: string, manifest: Manifest): Promise<GoldenRun> {
  const { golden } = manifest
  const record = await readChecked(directory, golden.file, golden.sha256)
  const values = await readChecked(directory, golden.data, golden.dataSha256)
  return readGolden(manifest, record, values)
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
  try {
    return await readOrdinaryFile(join(directory, file), MAX_FILE_BYTES)
  } catch (error) {
    if (error instanceof NotAFile) throw new PackageRefused(`${file} ${error.message}.`, file)
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new PackageRefused(missing ? `${file} is missing.` : `${file} cannot be read.`, file)
  }
}
