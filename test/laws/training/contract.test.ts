import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { crossing, jsonSchemaText, schemaFolder } from '../../../scripts/training-schema.js'
import * as contract from '../../../src/contract'

/** What crosses between the program and the trainer: one schema in two languages, and values that both must judge alike. */

const Fixtures = z.strictObject({
  accepted: z.array(z.strictObject({ name: z.string(), value: z.unknown() })).min(1),
  refused: z.array(z.strictObject({ name: z.string(), value: z.unknown() })).min(1),
})

const fixtureFolder = resolve(import.meta.dirname, '../../fixtures/training')
const schemas: Readonly<Record<string, unknown>> = contract

test('every schema has its fixtures, and Python no schema that is not of the contract', () => {
  const files = Object.keys(crossing).sort()
  expect(readdirSync(schemaFolder).filter((file) => file.endsWith('.json'))).toEqual(files)
  expect(readdirSync(fixtureFolder).sort()).toEqual(files)
})

describe.each(Object.entries(crossing))('%s', (file, name) => {
  const schema = z.instanceof(z.ZodType).parse(schemas[name])
  const fixtures = Fixtures.parse(JSON.parse(readFileSync(join(fixtureFolder, file), 'utf8')))

  test('what Python checks with is the contract (`npm run training-schema` writes it)', () => {
    expect(readFileSync(join(schemaFolder, file), 'utf8')).toBe(jsonSchemaText(schema))
  })

  test.each(fixtures.accepted)('accepted as it stands: $name', ({ value }) => {
    expect(schema.parse(value)).toEqual(value)
  })

  test.each(fixtures.refused)('refused: $name', ({ value }) => {
    expect(schema.safeParse(value).success).toBe(false)
  })
})
