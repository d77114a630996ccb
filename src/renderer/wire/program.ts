import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { z } from 'zod'
import { DoctorReport, InstalledModel, type Refusal, Status } from '../../contract'
import { getJson } from './http'
import { useProblems } from './problems'

const statusTitle = ({ code }: Refusal): string =>
  code === 'no-answer' ? 'Margin does not answer' : 'Margin does not say what it has'

/** What the program says of itself: version, door, models. */
export const useProgram = defineStore('program', () => {
  const status = shallowRef<Status | null>(null)
  const models = shallowRef<readonly InstalledModel[] | null>(null)
  const doctor = shallowRef<DoctorReport | null>(null)
  /** Null while they are being tried, and before. */
  const devices = shallowRef<DoctorReport | null>(null)
  const problems = useProblems()

  const modelsReady = computed(() =>
    (models.value ?? []).filter((model) => model.manifest !== null && model.refusal === null),
  )

  async function loadStatus(): Promise<Status | null> {
    const answer = await getJson('status', Status)
    if (answer.ok) {
      status.value = answer.value
      problems.settle('status')
    } else problems.addRefusal('status', statusTitle(answer.refusal), answer.refusal)
    return answer.ok ? answer.value : null
  }

  async function loadModels(): Promise<void> {
    const answer = await getJson('models', z.array(InstalledModel))
    if (!answer.ok) {
      problems.addRefusal('models', 'The models could not be listed', answer.refusal)
      return
    }
    problems.settle('models')
    models.value = answer.value
    for (const model of answer.value) {
      if (model.refusal !== null)
        problems.addRefusal(`model/${model.id}`, `Model ${model.id} is refused`, model.refusal)
    }
  }

  async function loadDoctor(): Promise<void> {
    const answer = await getJson('doctor', DoctorReport)
    if (answer.ok) doctor.value = answer.value
  }

  /** Takes seconds, and longer while something is drawn. */
  async function tryDevices(): Promise<void> {
    devices.value = null
    const answer = await getJson('doctor/devices', DoctorReport)
    devices.value = answer.ok ? answer.value : { checks: [] }
    if (!answer.ok) problems.addRefusal('devices', 'The devices could not be tried', answer.refusal)
  }

  return {
    ...{ status, models, doctor, devices, modelsReady },
    ...{ loadStatus, loadModels, loadDoctor, tryDevices },
  }
})
