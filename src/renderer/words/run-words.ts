import type { DeviceName, DeviceReport, InstalledModel } from '../../contract'

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
