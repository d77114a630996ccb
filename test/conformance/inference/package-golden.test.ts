import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { drawLatents } from '../../../src/core/sampling/latent-draw'
import { readPackage } from '../../../src/main/registry/package'

const folders = ['../../fixtures/tiny-model', '../../../models', '../../../build/models'].map((folder) =>
  resolve(import.meta.dirname, folder),
)

const packages = folders
  .filter((folder) => existsSync(folder))
  .flatMap((folder) => readdirSync(folder, { withFileTypes: true }))
  .filter((entry) => entry.isDirectory())
  .map((entry) => [entry.name, join(entry.parentPath, entry.name)] as const)

test.each(packages)('%s: the latents that Python drew have the same bits here', async (_, directory) => {
  const read = (await readPackage(directory)).package
  if (!read.ok) throw new Error(read.refusal.reason)
  const { golden } = read.value
  expect(drawLatents(golden, { seed: golden.seed, directions: null }, 0, golden.samples)).toEqual(
    golden.latents,
  )
})
