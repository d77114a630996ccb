import type { DeviceName, DeviceReport, InstalledModel, Warning } from '../../contract'

const DEVICE_NAMES: { readonly [device in DeviceName]: string } = {
  cuda: 'CUDA',
  tensorrt: 'TensorRT',
  dml: 'DirectML',
  coreml: 'CoreML',
  webgpu: 'WebGPU',
  cpu: 'CPU',
}

export const deviceName = (device: DeviceName): string => DEVICE_NAMES[device]

/** Whether to offer the reasons why no accelerator ran. */
export const fellBack = (device: DeviceReport): boolean => device.used === 'cpu' && device.notUsed.length > 0

/** Packages that were checked and fit a picture of this modality. */
export function modelsFor(
  models: readonly InstalledModel[],
  modality: 'CT' | 'fundus',
): readonly InstalledModel[] {
  return models.filter((model) => model.refusal === null && model.manifest?.modality === modality)
}

/** What a package says of itself in every run: not news about this picture. */
const STANDING = 'model-scope'
/** Stands under the sizes, where it matters. */
const SAID_ELSEWHERE = 'spacing-unknown'

/** Warnings of a run, parted: those about this picture, and the standing ones of the model. */
export function partWarnings(warnings: readonly Warning[]): {
  readonly here: readonly Warning[]
  readonly standing: readonly Warning[]
} {
  return {
    here: warnings.filter(({ code }) => code !== STANDING && code !== SAID_ELSEWHERE),
    standing: warnings.filter(({ code }) => code === STANDING),
  }
}

/** Why nothing can be drawn on a picture of this modality; null when something can. */
export function whyNoModel(models: readonly InstalledModel[] | null, modality: string): string | null {
  if (models === null) return 'The models are still being checked.'
  if (modality !== 'CT' && modality !== 'fundus') return `There is no model for ${modality}.`
  if (modelsFor(models, modality).length > 0) return null
  const refused = models.find((model) => model.refusal !== null)
  return refused === undefined
    ? `There is no model for ${modality === 'fundus' ? 'fundus photographs' : modality}.`
    : `Model ${refused.id} is refused: ${refused.refusal?.reason ?? ''}`
}
