import type { DeviceName, DoctorCheck, DoctorReport } from '../../contract'
import type { DeviceTrial } from '../inference/process/device-trial'
import type { Inference } from '../inference/process/host'
import type { ModelService } from '../registry/model-service'
import { readPackage } from '../registry/package'

/** What each device is called by those who sell it. */
const NAMES: Readonly<Record<DeviceName, string>> = {
  cuda: 'CUDA (NVIDIA)',
  tensorrt: 'TensorRT (NVIDIA)',
  dml: 'DirectML (Windows)',
  coreml: 'CoreML (macOS)',
  webgpu: 'WebGPU',
  cpu: 'Processor',
}

/**
 * Tries each device of this system with the model that would draw, each time it is asked; who asks meanwhile gets the
 * same answer. None where no model is sound.
 */
export function deviceChecks(
  models: ModelService,
  inference: Pick<Inference, 'tryDevices'>,
  librariesDir: string,
): () => Promise<DoctorReport> {
  const tryAll = async (): Promise<DoctorReport> => {
    const model = (await models.list()).find(({ refusal }) => refusal === null)
    const read = model === undefined ? null : (await readPackage(model.path)).package
    if (read?.ok !== true) return { checks: [] }
    const trials = await inference.tryDevices(read.value)
    return { checks: trials.map((trial) => checkOf(trial, librariesDir)) }
  }
  let underWay: Promise<DoctorReport> | null = null
  return () =>
    (underWay ??= tryAll().finally(() => {
      underWay = null
    }))
}

/** The processor is always there, so that a device that is not is a word for whoever has one, and no fault. */
export function checkOf(trial: DeviceTrial, librariesDir: string): DoctorCheck {
  const { device, reason } = trial
  const isUsed = reason === ''
  return {
    name: `Device: ${NAMES[device]}`,
    state: isUsed || device !== 'cpu' ? 'ok' : 'missing',
    found: isUsed ? `repeats the golden run${speedWords(trial)}` : `not used: ${reason}`,
    next: isUsed ? '' : nextOf(device, librariesDir),
  }
}

function speedWords({ deviceMs, cpuMs }: DeviceTrial): string {
  if (deviceMs === null || cpuMs === null) return ''
  const ratio = (cpuMs / deviceMs).toFixed(1)
  return `, ${deviceMs.toFixed(0)} ms against ${cpuMs.toFixed(0)} ms of the processor (${ratio} times as fast)`
}

function nextOf(device: DeviceName, librariesDir: string): string {
  switch (device) {
    case 'cuda':
    case 'tensorrt':
      return `With an NVIDIA card and CUDA 12: copy libonnxruntime_providers_cuda.so and libonnxruntime_providers_shared.so out of the NuGet package Microsoft.ML.OnnxRuntime.Gpu.Linux of the same version (a ZIP; runtimes/linux-x64/native) into ${librariesDir}. No connection is needed here.`
    case 'webgpu':
      return 'With a graphics card: install its driver with Vulkan (Linux), Direct3D 12 (Windows) or Metal (macOS).'
    case 'dml':
    case 'coreml':
      return 'With a graphics card: install the newest driver of its maker, or the newest system.'
    case 'cpu':
      return 'Install Margin again: its own model does not repeat its golden run here.'
  }
}
