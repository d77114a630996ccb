import type { DeviceName } from '../../../contract'
import type { ModelPackage } from '../../registry/package'
import { compareLogits } from './golden-check'
import type { RemoteEngine } from './remote-engine'

/** What a device was found to be with one model. */
export interface DeviceTrial {
  readonly device: DeviceName
  /** Why it is not used; empty when it is. */
  readonly reason: string
  /** Of the golden run, each alone; null where it was not timed. */
  readonly deviceMs: number | null
  readonly cpuMs: number | null
}

export interface TrialOptions {
  /** Only this device was asked for: it need not be fast. */
  readonly forcedDevice: DeviceName | null
  readonly nowMs: () => number
}

/** A software "GPU" is a hundred times slower than the processor; a real one never by this factor. */
const SLOWER_FACTOR = 4

/** A device is used when it repeats the golden run; one other than the processor must not be far slower than it. */
export async function tryDevice(
  engine: RemoteEngine,
  model: ModelPackage,
  device: DeviceName,
  { forcedDevice, nowMs }: TrialOptions,
): Promise<DeviceTrial> {
  const untimed = { device, deviceMs: null, cpuMs: null }
  const opened = await engine.open(model, device)
  if (!opened.ok) return { ...untimed, reason: whyNotOpened(device, opened.failure.reason) }
  const golden = await checkGolden(engine, model, device, 'golden')
  if (golden.reason !== '' || device === 'cpu' || forcedDevice !== null)
    return { ...untimed, reason: golden.reason }
  const timed = async (which: DeviceName): Promise<number> => {
    await engine.open(model, which)
    const startMs = nowMs()
    await checkGolden(engine, model, which, 'golden, timed')
    return nowMs() - startMs
  }
  const deviceMs = await timed(device)
  const cpuMs = await timed('cpu')
  const timedTrial = { device, deviceMs, cpuMs }
  if (deviceMs <= SLOWER_FACTOR * cpuMs) return { ...timedTrial, reason: '' }
  const words = `${deviceMs.toFixed(0)} ms for the golden run, the processor ${cpuMs.toFixed(0)} ms`
  return { ...timedTrial, reason: `slower than the processor (${words})` }
}

/** What the usual reasons mean for the person at the computer; others are given as ONNX Runtime says them. */
function whyNotOpened(device: DeviceName, reason: string): string {
  if ((device === 'cuda' || device === 'tensorrt') && reason.includes('Failed to load shared library')) {
    return 'its libraries are not installed beside ONNX Runtime'
  }
  if (device === 'webgpu' && reason.includes('Failed to get a WebGPU adapter'))
    return 'no graphics adapter was found'
  return reason
}

/** Repeats the package's golden run; the reason why that failed, else nothing, and whether the process was lost with it. */
export async function checkGolden(
  engine: RemoteEngine,
  model: ModelPackage,
  device: DeviceName,
  inputKey: string,
): Promise<{ readonly reason: string; readonly isLost: boolean }> {
  const logits = await engine.goldenLogits(model, device, inputKey)
  if (!logits.ok) return { reason: logits.failure.reason, isLost: logits.failure.lost }
  const { tolerance } = model.golden
  const toleranceAbs = device === 'cpu' ? tolerance.logitAbs : tolerance.gpuLogitAbs
  const { reason } = compareLogits(logits.value, model.golden.logits, toleranceAbs)
  return { reason, isLost: false }
}
