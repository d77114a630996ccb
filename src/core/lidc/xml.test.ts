import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseXml } from './xml'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('elements, text, entities, comments and literal sections', () => {
  const text =
    '<?xml version="1.0"?><!-- c > --><n:a x="1 > 0"><b>1 &lt; 2 &amp;&#33;</b><c/><b><![CDATA[<raw>]]></b></n:a>'
  expect(parseXml(bytes(text))).toEqual({
    ok: true,
    value: {
      name: 'a',
      text: '',
      children: [
        { name: 'b', text: '1 < 2 &!', children: [] },
        { name: 'c', text: '', children: [] },
        { name: 'b', text: '<raw>', children: [] },
      ],
    },
  })
})

test.each([
  ['', 'no element'],
  ['<a><b></a></b>', 'crossed tags'],
  ['<a>', 'never closed'],
  ['<a/><b/>', 'two roots'],
  ['<a>&unknown;</a>', 'an entity beyond the five'],
  ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'a document type'],
  ['<a x="1></a>', 'an open quote'],
  ['text', 'no markup'],
  ['<a>'.repeat(70) + '</a>'.repeat(70), 'too deep'],
])('%s is refused: %s', (text) => {
  expect(parseXml(bytes(text))).toMatchObject({ ok: false, refusal: { code: 'annotation-damaged' } })
})

test('bytes that are not of the declared encoding are refused, those of another are read', () => {
  expect(parseXml(Uint8Array.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]))).toMatchObject({
    ok: false,
  })
  const latin = bytes('<?xml version="1.0" encoding="ISO-8859-1"?><a>?</a>')
  latin[latin.length - 5] = 0xe9
  expect(parseXml(latin)).toMatchObject({ ok: true, value: { text: 'é' } })
})

test('any bytes give a tree or a refusal', () => {
  const piece = fc.constantFrom(
    '<a>',
    '</a>',
    '<a/>',
    '<',
    '>',
    '&',
    '&lt;',
    '"',
    'x',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?',
    '?>',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const result = parseXml(bytes(pieces.join('')))
      expect(typeof result.ok).toBe('boolean')
    }),
  )
})

test('a tag as long as a file likes is read, or refused by what it has too many of', () => {
  const many = (count: number): string => `<a${' b="c"'.repeat(count)}>x</a>`
  expect(parseXml(bytes(many(1_000)))).toMatchObject({ ok: true, value: { name: 'a', text: 'x' } })
  for (const count of [1_001, 800_000])
    expect(parseXml(bytes(many(count)))).toMatchObject({
      ok: false,
      refusal: {
        code: 'annotation-damaged',
        reason: expect.stringContaining('<a> has more than 1000 attributes') as string,
      },
    })
  const long = 'c'.repeat(20_000_000)
  expect(parseXml(bytes(`<a b="${long}" d='"'/>`))).toMatchObject({
    ok: true,
    value: { name: 'a', text: '' },
  })
  expect(parseXml(bytes(`<a ${long}>${long}</a>`))).toMatchObject({ ok: true })
  expect(parseXml(bytes(`<a b="${long}></a>`))).toMatchObject({ ok: false })
})

test.each([
  ['<a/>', true],
  ['<a />', true],
  ['<a b="/"/>', true],
  ['<a b="/">x</a>', true],
  ["<a b='>' c=\"'\">x</a>", true],
  ['<a b/ c></a>', true],
  ['<a/b></a>', false],
  ['<a//>', false],
  ['<a b="<"/>', false],
  ['<a b="></a>', false],
  ['<a b', false],
  ['<a', false],
])('%s', (text, isSound) => {
  expect(parseXml(bytes(text)).ok).toBe(isSound)
})
