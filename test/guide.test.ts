import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const text = (path: string): string => readFileSync(join(root, path), 'utf8')

test('the guide gives the crop of the model in use, in pixels', () => {
  const manifest = z
    .object({ input: z.object({ sizePx: z.number() }) })
    .parse(JSON.parse(text('models/lidc-cflow-planar/manifest.json')))
  const sizes = [
    ...text('docs/guide/reading-a-ct.md').matchAll(/the crop that the model saw \((\d+) × (\d+) px\)/g),
  ]
  expect(sizes.map(([, width, height]) => [Number(width), Number(height)])).toEqual([
    [manifest.input.sizePx, manifest.input.sizePx],
  ])
})
