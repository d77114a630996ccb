import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { refuse, type RunLine } from '../../../src/contract'
import { createApp } from '../../../src/main/app/create-app'
import { createWorkspaceServices } from '../../../src/main/compose/create-workspace-services'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import { runsInMemory, samplesLine, servicesInMemory } from '../services-in-memory'
import { libraryOfPlace, SERIES, subjectOf } from './annotation-places'

const json = (body: unknown): RequestInit => ({
  method: 'POST',
  body: JSON.stringify(body),
  headers: { 'content-type': 'application/json' },
})

/** Services on a workspace of their own, where nobody signs in. */
function services() {
  const folder = mkdtempSync(join(tmpdir(), 'margin-workspace-'))
  const [library, accounts] = [libraryOfPlace(), false]
  const readings = {
    importAnnotations: () => Promise.resolve(refuse('not-found', 'No annotation lies here.')),
    of: () => null,
  }
  const open = () => openWorkspace(folder, { clock: () => Date.now() })
  const onWorkspace = createWorkspaceServices({
    ...{ open, location: 'test', accounts, library, readings, writeWorkerPath: null, version: '0' },
    nowMs: () => performance.now(),
  })
  return servicesInMemory({ library, readings, close: onWorkspace.closeWorkspace, ...onWorkspace })
}

const run = {
  target: { kind: 'series', seriesUid: SERIES, sliceIndex: 1, column: 14, row: 14, structureId: null },
  ...{ modelId: null, samples: 1, seed: 1 },
}

describe('a run is an exposure from its first samples on, and before they leave', () => {
  const started = JSON.parse('{"kind":"started","run":{"runId":"run-1"}}') as RunLine
  const refused: RunLine = { kind: 'refused', refusal: { code: 'model-mismatch', reason: 'Too small.' } }

  /** Asks for a run of these lines, reads as many answers, goes, and begins a blind reading. */
  async function afterRun(lines: readonly RunLine[], read: number): Promise<string> {
    const base = services()
    async function* given(signal: AbortSignal) {
      yield* lines
      // The drawing goes on until who asked goes.
      await new Promise<void>((ended) => {
        signal.addEventListener('abort', () => {
          ended()
        })
      })
    }
    const app = createApp({ ...base, runs: runsInMemory({ start: (_request, signal) => given(signal) }) })
    const reader = (await app.request('/api/runs', json(run))).body?.getReader()
    for (let at = 0; at < read; at += 1) await reader?.read()
    await reader?.cancel()
    const opened = await app.request(
      '/api/attempts',
      json({ subject: subjectOf(SERIES), blind: true, panelId: null }),
    )
    const text = await opened.text()
    await base.close()
    return text
  }

  test('cancelled before them, or refused, it shows nothing and ends no blind reading', async () => {
    expect(await afterRun([], 0)).toContain('"blind":true')
    expect(await afterRun([started], 1)).toContain('"blind":true')
    expect(await afterRun([refused], 1)).toContain('"blind":true')
  })

  test('cancelled after them it does not call a reading blind', async () => {
    const text = await afterRun([started, samplesLine], 2)
    expect(text).toContain('"blind":false')
    expect(text).toContain('"model"')
  })

  test('what cannot be noted does not leave', async () => {
    const base = services()
    const disclosure = {
      ...base.disclosure,
      release: () => Promise.resolve(refuse('workspace-failed', 'The disk is full.')),
    }
    async function* lines() {
      yield await Promise.resolve(started)
      yield samplesLine
    }
    const app = createApp({ ...base, disclosure, runs: runsInMemory({ start: () => lines() }) })
    const text = await (await app.request('/api/runs', json(run))).text()
    expect(text).toContain('The disk is full.')
    expect(text).not.toContain('"samples"')
    await base.close()
  })
})
