import { forcedDevice } from '../inference/process/devices'
import { createInference } from '../inference/process/host'
import type { Inference } from '../inference/process/host'
import { picturesInProcess } from '../pictures/picture-process'
import type { Pictures } from '../pictures/picture-process'
import type { Launch } from '../processes/launch'
import { createModels } from '../registry/models'
import type { ModelService } from '../registry/model-service'
import { createVersions } from '../registry/versions'
import type { Versions } from '../registry/versions'
import { trainingFolder, writeWhole } from '../training/training-folder'
import type { TrainingFolder } from '../training/training-folder'
import { defaultWorkspace } from '../workspace/default-location'
import type { Resources } from './resources'

/** What is dear to start and holds nothing of what was opened: processes, and packages with their checks. */
export interface Instruments {
  readonly pictures: Pictures
  readonly inference: Inference
  /** With their checks; who of them was promoted is asked of the workspace. */
  readonly packages: ModelService
  readonly versions: Versions
  readonly folder: TrainingFolder
  /** Stands in for a workspace that is an address. */
  readonly ownData: string
}

export interface InstrumentsOptions {
  readonly resources: Resources
  readonly environment: NodeJS.ProcessEnv
  readonly launch: Launch
  /** Of the workspace whose packages stand beside the shipped ones. */
  readonly location: string
}

/** Starts nothing yet. A device that does not exist is refused before anything starts. */
export function createInstruments({
  resources,
  environment,
  launch,
  location,
}: InstrumentsOptions): Instruments {
  const forced = forcedDevice(environment)
  if (!forced.ok) throw new Error(`${forced.refusal.reason} ${forced.refusal.next ?? ''}`)
  const inference = createInference({
    childPath: resources.program('inference'),
    platform: process.platform,
    forcedDevice: forced.value,
    launch,
    nowMs: () => performance.now(),
  })
  const ownData = defaultWorkspace({ ...environment, MARGIN_WORKSPACE: '' }, process.platform)
  const folder = trainingFolder(location, ownData)
  const versions = createVersions(folder.models, writeWhole)
  const packages = createModels({ modelsDir: resources.modelsDir, versions, verify: inference.verify })
  return {
    pictures: picturesInProcess(resources.program('pictures'), launch),
    ...{ inference, packages, versions, folder, ownData },
  }
}

/** The same for services that come and go: closing them ends nothing of it. */
export const lent = (instruments: Instruments): Instruments => ({
  ...instruments,
  inference: { ...instruments.inference, close: () => undefined },
  pictures: { ...instruments.pictures, close: () => undefined },
})
