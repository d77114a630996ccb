import { resolve } from 'node:path'
import { ESLint } from 'eslint'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/**
 * The repository's own lint settings, without type information: a made-up file belongs to no TypeScript project, and
 * directions need none.
 */
async function importErrors(filePath: string, specifier: string): Promise<readonly string[]> {
  const eslint = new ESLint({
    cwd: root,
    ruleFilter: ({ ruleId }) => ruleId === 'boundaries/dependencies' || ruleId === 'no-restricted-imports',
    overrideConfig: { languageOptions: { parserOptions: { project: null, projectService: false } } },
  })
  const [result] = await eslint.lintText(`import { x } from '${specifier}'\nexport const y = x\n`, {
    filePath: resolve(root, filePath),
  })
  const messages = result?.messages ?? []
  const fatal = messages.find((message) => message.fatal === true)
  if (fatal !== undefined) throw new Error(fatal.message)
  return messages.map((message) => message.ruleId ?? '')
}

test.each([
  ['src/renderer/state/made-up.ts', '../../main/services'],
  ['src/main/app/made-up.ts', '../../renderer/words/numbers'],
  ['src/core/image/made-up.ts', '../../main/services'],
  ['src/core/image/made-up.ts', '../../renderer/words/numbers'],
  ['src/contract/made-up.ts', '../core/image/mask'],
  ['src/contract/http/made-up.ts', '../../main/services'],
  ['src/preload/made-up.ts', '../core/image/mask'],
  ['src/preload/made-up.ts', '../main/services'],
  ['src/core/geometry/made-up.ts', '../dicom/parse-instance'],
  ['src/core/image/made-up.ts', '../uncertainty/bands'],
  ['src/core/contour/made-up.ts', '../exchange/seg'],
  ['src/core/dicom/made-up.ts', '../annotation/document'],
])('%s must not import %s', async (filePath, specifier) => {
  expect(await importErrors(filePath, specifier)).not.toEqual([])
})

test.each([
  ['src/renderer/state/made-up.ts', '../../core/image/mask'],
  ['src/renderer/state/made-up.ts', '../../contract'],
  ['src/main/app/made-up.ts', '../../core/image/mask'],
  ['src/main/app/made-up.ts', '../../contract'],
  ['src/core/image/made-up.ts', '../../contract'],
  ['src/core/dicom/made-up.ts', '../image/mask'],
  ['src/core/exchange/made-up.ts', '../contour/trace'],
  ['src/preload/made-up.ts', '../contract'],
])('%s may import %s', async (filePath, specifier) => {
  expect(await importErrors(filePath, specifier)).toEqual([])
})
