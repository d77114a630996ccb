/** What is no mistake of the program is not reported as one, and what a person may do is not refused after a while. */
import { mkdtempSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Refusal } from '../../../src/contract'
import { createApp } from '../../../src/main/app/create-app'
import { createUploads } from '../../../src/main/app/uploads'
import { openBrowserDoor } from '../../../src/main/doors/browser'
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
