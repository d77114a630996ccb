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
