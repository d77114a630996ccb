import { accept, refuse } from '../../../contract'
import { DeviceName } from '../../../contract'
import type { DeviceReport, Result } from '../../../contract'

/** What a device is tried with; `reason` says why it cannot be used, empty when it can. */
export type Trial = (device: DeviceName) => Promise<{ readonly reason: string }>

export interface Devices {
  /** The device for this model: the first of the order that passes its trial. Tried once a model, struck off for all. */
  readonly choose: (modelKey: string, trial: Trial) => Promise<Result<DeviceReport>>
  /** Leaves a device out for the rest of the session. */
  readonly strike: (device: DeviceName, reason: string) => void
}

export interface DeviceOptions {
  readonly platform: NodeJS.Platform
  /** Only this one, without a fall-back. */
  readonly forced: DeviceName | null
  readonly threads: number
}

/**
 * The order that devices are tried in. TensorRT compiles for minutes, so only when asked for. ONNX Runtime's package
 * has CUDA for Linux alone, DirectML for Windows and CoreML for macOS.
 */
export function deviceOrder(platform: NodeJS.Platform, forced: DeviceName | null): readonly DeviceName[] {
  if (forced !== null) return [forced]
  if (platform === 'win32') return ['dml', 'webgpu', 'cpu']
  if (platform === 'darwin') return ['coreml', 'webgpu', 'cpu']
  return ['cuda', 'webgpu', 'cpu']
}

/** The device that the environment asks for by MARGIN_DEVICE; refused when it is no device's name. */
export function forcedDevice(
  environment: Readonly<Record<string, string | undefined>>,
): Result<DeviceName | null> {
  const asked = environment['MARGIN_DEVICE']
  if (asked === undefined || asked === '') return accept(null)
  const device = DeviceName.safeParse(asked)
  if (device.success) return accept(device.data)
  return refuse('request-invalid', `MARGIN_DEVICE is "${asked}".`, {
    next: `Set it to one of ${DeviceName.options.join(', ')}, or leave it out.`,
  })
}

/** Remembers for the session what was chosen and what was struck off, and why. */
export function createDevices({ platform, forced, threads }: DeviceOptions): Devices {
  const order = deviceOrder(platform, forced)
  const struck = new Map<DeviceName, string>()
  const chosen = new Map<string, DeviceReport>()
  return {
    choose: async (modelKey, trial) => {
      const known = chosen.get(modelKey)
      if (known !== undefined) return accept(known)
      const notUsed: DeviceReport['notUsed'] = []
      for (const device of order) {
        const reason = struck.get(device) ?? (await trial(device)).reason
        if (reason === '') {
          const report = { used: device, threads, notUsed }
          chosen.set(modelKey, report)
          return accept(report)
        }
        // The processor is not struck off: what it fails at is this model.
        if (device !== 'cpu') struck.set(device, reason)
        notUsed.push({ device, reason })
      }
      const reasons = notUsed.map(({ device, reason }) => `${device}: ${reason}`).join('; ')
      return refuse('device-failed', `No device can run this model. ${reasons}`, {
        next:
          forced === null
            ? 'Run "margin doctor".'
            : 'Leave MARGIN_DEVICE out, so that another device is tried.',
      })
    },
    strike: (device, reason) => {
      struck.set(device, reason)
      for (const [modelKey, report] of chosen) if (report.used === device) chosen.delete(modelKey)
    },
  }
}
