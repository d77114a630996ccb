import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AuditEntry } from '../../../src/contract'
import { auditHash, CHAIN_START, chainEntry, verifyChain } from '../../../src/core/annotation/audit-chain'
import { canonicalJson } from '../../../src/core/annotation/canonical-json'
import { runPython } from '../../python'

const python = runPython()

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const about = fc.dictionary(
  fc.string({ maxLength: 6 }),
  fc.oneof(fc.string({ maxLength: 6 }), fc.integer(), fc.boolean(), fc.constant(null)),
  { maxKeys: 4 },
)
const acts = fc.record({
  at: fc.integer({ min: 0, max: 10 ** 12 }).map((ms) => new Date(ms).toISOString()),
  raterId: fc.option(fc.string({ maxLength: 4 })),
  act: fc.constantFrom('open', 'commit', 'expose'),
  about,
})
const chains = fc.array(acts, { minLength: 2, maxLength: 12 }).map((list) => {
  const entries: AuditEntry[] = []
  for (const act of list) entries.push(chainEntry(entries.at(-1) ?? CHAIN_START, act, sha256))
  return entries
})

describe('the audit chain', () => {
  test('is whole as it was written, in one piece and in pages, whatever the order of keys', () => {
    fc.assert(
      fc.property(chains, fc.nat({ max: 12 }), (entries, cut) => {
        const head = entries.at(-1)
        const reread = entries.map((entry) => {
          const turned = Object.fromEntries(Object.entries(entry.about).reverse())
          return { ...entry, about: turned }
        })
        const whole = { entries: entries.length, whole: true, brokenAt: null, head: head?.hash }
        expect(verifyChain(reread, sha256)).toEqual(whole)
        expect(verifyChain(entries, sha256, CHAIN_START, head)).toEqual(whole)
        const before = entries[Math.min(cut, entries.length) - 1] ?? CHAIN_START
        expect(verifyChain(entries.slice(cut), sha256, before).whole).toBe(true)
      }),
      { seed: 301 },
    )
  })

  test('any change, gap, swap, insertion and cut is found where it is', () => {
    fc.assert(
      fc.property(
        chains,
        fc.nat(),
        fc.constantFrom('at', 'raterId', 'act', 'about', 'hash', 'previousHash'),
        (entries, draw, field) => {
          const place = draw % entries.length
          const entry = entries[place]
          const head = entries.at(-1)
          if (entry === undefined || head === undefined) return
          const broken = (list: readonly AuditEntry[]): number | null =>
            verifyChain(list, sha256, CHAIN_START, head).brokenAt
          const other = field === 'about' ? { ...entry.about, more: 1 } : 'f'.repeat(64)
          expect(broken(entries.with(place, { ...entry, [field]: other }))).toBe(place + 1)
          expect(broken(entries.toSpliced(place, 1))).toBe(place + 1)
          expect(broken(entries.toSpliced(place, 0, entry))).toBe(place + 2)
          const next = entries[place + 1]
          if (next !== undefined) {
            expect(broken(entries.with(place, next).with(place + 1, entry))).toBe(place + 1)
          }
          // Written anew from here on, each hash right: only the head that was kept elsewhere tells.
          const anew = entries.slice(0, place)
          for (const one of entries.slice(place)) {
            anew.push(chainEntry(anew.at(-1) ?? CHAIN_START, { ...one, act: 'forged' }, sha256))
          }
          expect(verifyChain(anew, sha256).whole).toBe(true)
          expect(broken(anew)).toBe(entries.length)
          expect(broken(entries.slice(0, place))).toBe(place + 1)
          const before = entries[place - 1] ?? CHAIN_START
          const leap = chainEntry({ ...before, number: before.number + 1 }, entry, sha256)
          expect(verifyChain([...entries.slice(0, place), leap], sha256).brokenAt).toBe(place + 1)
        },
      ),
      { seed: 302 },
    )
  })

  test.skipIf(python === null)('the hash is that of the written rule, by Python', () => {
    const entry = {
      number: 7,
      at: '2026-01-01T00:00:00.000Z',
      raterId: null,
      act: 'é “x”\n',
      about: { b: 1.5, a: true },
    }
    const previous = 'ab'.repeat(32)
    const program = `
import hashlib, json, sys
previous, entry = json.load(sys.stdin)
text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
print(hashlib.sha256((previous + chr(10) + text).encode()).hexdigest())
`
    const printed = python?.(program, JSON.stringify([previous, entry])).trim()
    expect(auditHash(previous, entry, sha256)).toBe(printed)
  })

  test('canonical JSON is read back the same, sorted, and refuses what JSON does not have', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value)
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
        expect(canonicalJson(JSON.parse(text))).toBe(text)
      }),
      { seed: 303 },
    )
    expect(canonicalJson({ b: [1, -0.5e-7], a: 'é\n', B: null })).toBe('{"B":null,"a":"é\\n","b":[1,-5e-8]}')
    for (const odd of [NaN, Infinity, undefined, { a: undefined }, [() => 0]]) {
      expect(() => canonicalJson(odd)).toThrow(TypeError)
    }
  })
})
