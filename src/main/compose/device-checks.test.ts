import { expect, test } from 'vitest'
import { checkOf } from './device-checks'

const idle = { deviceMs: null, cpuMs: null }

test('a device that is used says how fast it is beside the processor', () => {
  const check = checkOf({ device: 'webgpu', reason: '', deviceMs: 20, cpuMs: 50 }, '/lib')
  // 50 / 20.
  expect(check.found).toBe('repeats the golden run, 20 ms against 50 ms of the processor (2.5 times as fast)')
  expect(check).toMatchObject({ state: 'ok', next: '' })
})

test('a graphics card that is missing is no fault, and the next step names the files and their place', () => {
  const check = checkOf({ device: 'cuda', reason: 'its libraries are not installed', ...idle }, '/opt/lib')
  expect(check.state).toBe('ok')
  expect(check.found).toBe('not used: its libraries are not installed')
  expect(check.next).toMatch(/libonnxruntime_providers_cuda\.so.*\/opt\/lib/)
})

test('without the processor nothing can be drawn', () => {
  expect(checkOf({ device: 'cpu', reason: 'the golden run differs by 3', ...idle }, '/lib').state).toBe(
    'missing',
  )
})
