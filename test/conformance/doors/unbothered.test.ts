/** What is no mistake of the program is not reported as one, and what a person may do is not refused after a while. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accept, type Measurement, type Refusal } from '../../../src/contract'
import { measuredSteps } from '../../../src/core/measurement/journal'
import { createApp } from '../../../src/main/app/create-app'
import { exportMeasurements } from '../../../src/main/exchange/export-measurements'
import { createUploads } from '../../../src/main/app/uploads'
import { openBrowserDoor } from '../../../src/main/doors/browser'
import { longestTurnMs, timedTest } from '../../serving-thread'
import { openPlace, SERIES, subjectOf } from '../blinding/annotation-places'
import { libraryInMemory, servicesInMemory } from '../services-in-memory'

const pause = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms))

test('a body that breaks off half way is nobody’s mistake, and the next request is answered', async () => {
  const logged: Refusal[] = []
  const services = servicesInMemory({
    library: libraryInMemory(),
    log: (refusal) => {
      logged.push(refusal)
    },
  })
  const app = createApp(services)
  const door = await openBrowserDoor((incoming) => app.fetch(incoming), 0)
  if (!door.ok) throw new Error(door.refusal.reason)
  const entered = await fetch(door.value.url, { redirect: 'manual' })
  const cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  for (const path of [
    '/api/attempts',
    '/api/runs',
    '/api/exports',
    '/api/imports?format=coco&reader=x',
    '/api/session',
  ]) {
    const socket = connect(door.value.port, '127.0.0.1')
    const host = `127.0.0.1:${door.value.port}`
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${host}\r\norigin: http://${host}\r\ncookie: ${cookie}\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"subject":`,
    )
    await pause(60)
    socket.destroy()
    await pause(60)
  }
  expect(logged).toEqual([])
  const status = await fetch(new URL('/api/status', door.value.url), { headers: { cookie } })
  expect(status.status).toBe(200)
  await door.value.close()
})

test('a connection that never asks for anything is let go', async () => {
  const app = createApp(servicesInMemory({ library: libraryInMemory() }))
  const door = await openBrowserDoor((incoming) => app.fetch(incoming), 0)
  if (!door.ok) throw new Error(door.refusal.reason)
  const beganMs = performance.now()
  const silent = connect(door.value.port, '127.0.0.1')
  await new Promise((closed) => silent.on('close', closed))
  expect(performance.now() - beganMs).toBeLessThan(60_000)
  await door.value.close()
}, 70_000)

test('a person drops files as often as in a whole day of work', async () => {
  const uploads = createUploads(mkdtempSync(join(tmpdir(), 'margin-uploads-')))
  for (let drop = 0; drop < 300; drop += 1) {
    const body = new Blob([`file ${drop}`]).stream()
    expect(await uploads.put(`drop-${drop}`, 'a.dcm', body)).toMatchObject({ ok: true })
    expect(uploads.folder(`drop-${drop}`)).toMatchObject({ ok: true })
  }
})

timedTest('a stranger’s body is refused by its length before anybody reads what it says', async () => {
  const place = await openPlace()
  const keys = Object.fromEntries(Array.from({ length: 90_000 }, (_unused, at) => [`k${at}`, 0]))
  const body = JSON.stringify(keys)
  expect(body.length).toBeGreaterThan(800_000)
  const block = await longestTurnMs(async () => {
    const refused = await place.asNobody.post('/api/session', body)
    expect(refused.code).toBe('limit-reached')
    expect(refused.text).toContain('16 KiB')
  })
  expect(block).toBeLessThan(50)
  // The longest that the page can send, every character escaped.
  const longest = `{"name":"${'\\u00e4'.repeat(80)}","password":"${'\\u00e4'.repeat(1024)}"}`
  expect((await place.asNobody.post('/api/session', longest)).code).toBe('signed-out')
})

timedTest('areas of a thousand corners across a slice are reckoned while others are answered', async () => {
  const points = Array.from({ length: 1_000 }, (_unused, at) => ({
    ...{ column: at * 0.511, row: at % 2 === 0 ? 511 : 0 },
  }))
  const entries = Array.from({ length: 20 }, (_unused, at) => {
    const measurementId = randomUUID()
    const state: Measurement = {
      ...{ measurementId, name: `A${at}`, shape: 'polygon', place: { sliceIndex: 0 }, points },
    }
    const step = { number: at + 1, at: '2026-01-01T00:00:00.000Z', undoes: null }
    return { ...step, entryId: randomUUID(), measurementId, state }
  })
  expect(measuredSteps.standing(entries)).toHaveLength(20)
  const description = {
    ...{ widthPx: 512, heightPx: 512, slope: 1, intercept: -1024, unit: 'HU', type: 'int16' as const },
    ...{ minStored: 0, maxStored: 0, paddingStored: null, warnings: [] },
  }
  const bytes = new Uint8Array(2 * 512 * 512)
  const noted: unknown[] = []
  const began = process.cpuUsage()
  let answered: unknown = null
  const block = await longestTurnMs(async () => {
    answered = await exportMeasurements(
      {
        measurements: { own: () => Promise.resolve(accept({ entries })) },
        library: libraryInMemory({ slicePixels: () => Promise.resolve(accept({ description, bytes })) }),
        subjects: {
          find: () =>
            Promise.resolve(
              accept({ key: 'series:1', detail: null, pixelSpacingMm: null, widthPx: 512, heightPx: 512 }),
            ),
        },
        store: {
          audit: (act: unknown) => {
            noted.push(act)
            return Promise.resolve(accept(null))
          },
        },
        writeWorkerPath: null,
      } as unknown as Parameters<typeof exportMeasurements>[0],
      { raterId: 'a', name: 'A', pseudonym: 'R1', role: 'reader', retired: false },
      subjectOf(SERIES),
    )
  })
  expect(noted).toHaveLength(1)
  expect(answered).toMatchObject({ ok: false, refusal: { code: 'not-found' } })
  expect(block).toBeLessThan(50)
  const { user, system } = process.cpuUsage(began)
  expect((user + system) / 1e3).toBeLessThan(4_000)
})
