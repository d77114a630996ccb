import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { removeTelemetryTraces, telemetryTraces } from './telemetry-trace'
import type { UserPlaces } from './telemetry-trace'

/** A user who ran version 0.1.0: the names are those that strace showed. */
async function userOf(platform: NodeJS.Platform, cache: string): Promise<UserPlaces> {
  const folder = await mkdtemp(join(tmpdir(), 'margin-traces-'))
  const places = { platform, environment: {}, home: join(folder, 'user'), temporary: join(folder, 'tmp') }
  const store = join(places.home, cache, 'Microsoft', 'DeveloperTools', '.onnxruntime')
  await mkdir(store, { recursive: true })
  await mkdir(places.temporary)
  for (const name of ['deviceid', 'onnxruntime.db']) await writeFile(join(store, name), 'x')
  for (const name of ['.ses', 'mat-debug-10549.log', 'mat-debug-notes.log', 'scan.dcm'])
    await writeFile(join(places.temporary, name), 'x')
  return places
}

test.each([
  ['linux', '.cache'],
  ['darwin', join('Library', 'Application Support')],
] as const)('on %s what ONNX Runtime stored goes, and nothing else', async (platform, cache) => {
  const places = await userOf(platform, cache)
  await writeFile(join(places.home, cache, 'Microsoft', 'other'), 'x')
  const traces = await telemetryTraces(places)
  expect(traces).toHaveLength(3)
  expect(await removeTelemetryTraces(places)).toEqual(traces)
  expect(await telemetryTraces(places)).toEqual([])
  expect(await readdir(places.temporary)).toEqual(['mat-debug-notes.log', 'scan.dcm'])
  expect(await readdir(join(places.home, cache, 'Microsoft'))).toContain('other')
})

test('a cache folder that the user named is looked into instead', async () => {
  const places = await userOf('linux', '.cache')
  expect(
    await telemetryTraces({ ...places, environment: { XDG_CACHE_HOME: join(places.home, 'elsewhere') } }),
  ).toHaveLength(2)
})
