import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Manifest, accept } from '../../../src/contract'
import { createModels } from '../../../src/main/registry/models'
import { readPackage } from '../../../src/main/registry/package'

/** What a package says of itself beyond its graphs: no golden run shows it, so its name must hold it. */

const MODELS = resolve(import.meta.dirname, '../../../models')
const ID = 'lidc-cflow-planar'

let folder = ''
let given: Manifest

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'margin-identity-'))
  for (const id of [ID, 'a-clinic']) await cp(join(MODELS, ID), join(folder, id), { recursive: true })
  given = Manifest.parse(JSON.parse(await readFile(join(MODELS, ID, 'manifest.json'), 'utf8')))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

async function said(id: string, manifest: Manifest): ReturnType<typeof readPackage> {
  await writeFile(join(folder, id, 'manifest.json'), JSON.stringify({ ...manifest, id }, null, 2))
  return readPackage(join(folder, id))
}

/** Each is sound by itself and would change what a clinician is told or shown. */
const changes: readonly (readonly [string, (manifest: Manifest) => Manifest])[] = [
  [
    'a wider context of the scale',
    (one) => ({ ...one, input: { ...one.input, intensity: { kind: 'cropMinMax', contextPx: 256 } } }),
  ],
  ['no warnings', (one) => ({ ...one, scope: { ...one.scope, warnings: [] } })],
  ['smaller lesions', (one) => ({ ...one, scope: { ...one.scope, minDiameterMm: 1 } })],
  ['no intervals', ({ calibration: _gone, ...one }) => one],
  ['other patients to learn from', (one) => ({ ...one, training: { ...one.training, patients: [] } })],
  [
    'a direction turned round',
    (one) =>
      one.draws?.kind === 'even'
        ? {
            ...one,
            draws: {
              ...one.draws,
              directions: one.draws.directions.map((row, at) => (at === 0 ? row.map((x) => -x) : row)),
            },
          }
        : one,
  ],
]

test.each(changes)(
  'a shipped name with %s is refused, and another name has another identity',
  async (_, change) => {
    const changed = change(given)
    expect(changed).not.toEqual(given)
    const refused = (await said(ID, changed)).package
    expect(refused.ok ? '' : refused.refusal.reason).toMatch(
      /is not that of the lidc-cflow-planar that comes with/,
    )
    const before = (await said('a-clinic', given)).package
    const after = (await said('a-clinic', changed)).package
    if (!before.ok || !after.ok) throw new Error('a sound package is refused')
    expect(after.value.sha256).not.toBe(before.value.sha256)
  },
)

test('every package that comes with the program is the one it knows, and stands before what is put beside it', async () => {
  const ids = await readdir(MODELS)
  for (const id of ids) expect((await readPackage(join(MODELS, id))).package).toMatchObject({ ok: true })
  await cp(join(MODELS, ID, 'manifest.json'), join(folder, ID, 'manifest.json'))
  await said('a-clinic', given)
  const models = createModels({ modelsDir: folder, verify: () => Promise.resolve(accept(null)) })
  expect((await models.list()).map(({ id }) => id)).toEqual([ID, 'a-clinic'])
})
