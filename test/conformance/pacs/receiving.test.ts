import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { onPath } from '../../../scripts/setup/on-path.js'
import { findOrthanc } from '../../../scripts/setup/orthanc.js'
import { createLibrary } from '../../../src/main/library/library'
import type { ReceivedLibrary } from '../../../src/main/pacs/receiving/deliveries'
import { createArchives } from '../../../src/main/pacs/archives'
import { startOrthanc } from '../../orthanc'
import { pythonHas, runPython } from '../../python'
import { skipsWithout, testDataDir } from '../../test-data'
import { unwrap } from '../../unwrap'
import { ran, receiverHere, until } from './receiver-here'
import type { ReceiverHere, ReceiverWanted } from './receiver-here'

/** Images that other programs send: DCMTK's and Orthanc's own senders, into a receiver of the workspace. */

const dcmsend = onPath(['dcmsend'])
const echoscu = onPath(['echoscu'])
const isHere = dcmsend !== null && echoscu !== null
if (!isHere) console.log('Receiving skips: DCMTK is not here (Debian: apt install dcmtk)')
const skips = skipsWithout('dicom', 'Receiving') || !isHere

const inData = (...way: readonly string[]): string => join(testDataDir, 'dicom', ...way)
const phantom = (): readonly string[] =>
  readdirSync(inData('geometry', 'phantom-axial')).map((name) => inData('geometry', 'phantom-axial', name))
/** Each an object of its own, each in another syntax. */
const syntaxes = [
  ['ctimage', 'ctimage_1.2.840.10008.1.2.dcm'],
  ['mr_small', 'MR_small_bigendian.dcm'],
  ['jpeg', 'JPEGBaseline_1s_1f_u_08_08.dcm'],
  ['jpeg', 'CT-JPEGLosslessSV1.dcm'],
  ['jpegls', 'CT1_JLSN.dcm'],
  ['jpeg2000', 'JPEG2000.dcm'],
  ['fragments', 'D_CLUNIE_CT1_RLE_FRAGS.dcm'],
  ['synthetic', 'deflated_16bit.dcm'],
].map((way) => inData('syntax', ...way))

const open: ReceiverHere[] = []
async function here(settings: object | null, wanted: ReceiverWanted = {}): Promise<ReceiverHere> {
  const made = await receiverHere(settings, wanted)
  open.push(made)
  return made
}
afterAll(async () => {
  await Promise.all(open.map(({ receiver }) => receiver.close()))
})

const send = (
  { port }: { readonly port: number },
  files: readonly string[],
  { calling = 'SCANNER', called = 'MARGIN' } = {},
): ReturnType<typeof ran> =>
  ran(dcmsend ?? '', ['-v', '-aet', calling, '-aec', called, '127.0.0.1', String(port), ...files])
const echo = (port: number, calling: string, called: string): ReturnType<typeof ran> =>
  ran(echoscu ?? '', ['-v', '-aet', calling, '-aec', called, '127.0.0.1', String(port)])

/** UID, class, transfer syntax (DCMTK offers one for all that are not compressed) and hash of the pixels, as pydicom reads them. */
const Told = z.array(z.tuple([z.string(), z.string(), z.string(), z.string()]))
const TELL = `
import sys, json, hashlib, pydicom
told = []
for path in json.load(sys.stdin):
    one = pydicom.dcmread(path)
    syntax = one.file_meta.TransferSyntaxUID
    packed = syntax.is_compressed
    pixels = one.PixelData if packed else one.pixel_array.astype("<i4").tobytes()
    told.append([one.SOPInstanceUID, one.SOPClassUID, syntax if packed else "native", hashlib.sha256(pixels).hexdigest()])
print(json.dumps(sorted(told)))
`
const receivedFiles = ({ folder }: ReceiverHere): readonly string[] =>
  readdirSync(folder.received, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.dcm'))
    .map((name) => join(folder.received, name))

test('without settings nothing listens', async () => {
  const off = await here(null)
  expect(off.receiver.status()).toMatchObject({ state: 'off', settings: null, refusal: null })
  const refused = await new Promise<string>((done) => {
    connect(off.port, '127.0.0.1')
      .once('connect', () => {
        done('listens')
      })
      .once('error', () => {
        done('refused')
      })
  })
  expect(refused).toBe('refused')
})

test.each([
  ['other computers without saying who may send', { host: '0.0.0.0' }, '"from" names who may send'],
  ['a sender by a name', { from: [{ aeTitle: 'A', address: 'pacs.local' }] }, 'no address'],
  ['no port', { port: 0 }, 'port'],
])('settings that name %s are refused by name', async (_, settings, why) => {
  const { receiver } = await here(settings)
  const { state, refusal } = receiver.status()
  expect([state, refusal?.code]).toEqual(['failed', 'pacs-settings'])
  expect(refusal?.reason).toContain(why)
})

test('a port that is taken is told, and is free again when the first ends', async () => {
  const first = await here({})
  const second = await here({}, { port: first.port })
  expect(second.receiver.status()).toMatchObject({ state: 'failed', refusal: { code: 'pacs-settings' } })
  expect(second.receiver.status().refusal?.reason).toContain('another program listens there')
  expect(first.receiver.status().state).toBe('listening')
  await first.receiver.close()
  expect((await second.receiver.start()).state).toBe('listening')
})

describe.skipIf(skips)('by DCMTK', () => {
  test('objects of eight syntaxes lie here as they were: pixels equal, read by pydicom', async () => {
    const made = await here({})
    expect((await echo(made.port, 'ANYBODY', 'MARGIN')).code).toBe(0)
    const sent = await send(made, syntaxes)
    expect([sent.code, sent.said]).toEqual([0, expect.stringContaining('with status SUCCESS  : 8')])
    const python = pythonHas('pydicom') ? runPython() : null
    if (python === null) return
    const tell = (paths: readonly string[]): z.infer<typeof Told> =>
      Told.parse(JSON.parse(python(TELL, JSON.stringify(paths))))
    expect(tell(receivedFiles(made))).toEqual(tell(syntaxes))
  })

  test('what came is open in the library after the association, and is told without a patient', async () => {
    const library = createLibrary({ workerPath: null })
    const made = await here({}, { library })
    expect((await send(made, phantom())).code).toBe(0)
    const { deliveries } = await until(made, ({ deliveries: [last] }) => last?.isOpen === true)
    expect(deliveries).toMatchObject([
      { from: 'SCANNER', objects: phantom().length, seriesUids: [expect.any(String)] },
    ])
    expect(library.current().series.map(({ slices }) => slices)).toEqual([phantom().length])
    expect(JSON.stringify(made.receiver.status())).not.toContain('SYNTH')
    // Again: taken, and nothing new.
    expect((await send(made, phantom())).code).toBe(0)
    const again = await until(
      made,
      ({ deliveries: [last] }) => (last?.hereBefore ?? 0) > 0 && last?.isOpen === true,
    )
    expect(again.deliveries).toMatchObject([{ objects: phantom().length, hereBefore: phantom().length }])
    await library.close()
  })

  test('is there again after a restart; what comes then is read alone, and what was decoded stays', async () => {
    const all = phantom()
    const half = all.slice(0, 5)
    const before = await here({})
    expect((await send(before, half)).code).toBe(0)
    await before.receiver.close()

    const library = createLibrary({ workerPath: null })
    const scanned: (readonly string[])[] = []
    const watched: ReceivedLibrary = {
      ...library,
      scan: (paths, ...rest) => {
        scanned.push(paths)
        return library.scan(paths, ...rest)
      },
    }
    const made = await here({}, { library: watched, folder: before.folder })
    const again = await until(made, ({ earlier }) => !earlier.isOpening && earlier.objectsTotal > 0)
    expect(again.earlier).toMatchObject({
      objectsRead: half.length,
      objectsTotal: half.length,
      studiesLeft: 0,
    })
    const [series] = library.current().series
    expect(series?.slices).toBe(half.length)
    const { seriesUid } = series ?? { seriesUid: '' }
    const decoded = unwrap(await library.slicePixels(seriesUid, 0))

    expect((await send(made, all)).code).toBe(0)
    await until(made, ({ deliveries: [last] }) => last?.isOpen === true && last.objects > 0)
    expect(library.current().series.map(({ slices }) => slices)).toEqual([all.length])
    // Once the study, as it lay there; then each object that came, and none twice.
    const [whole, ...later] = scanned
    expect(whole).toHaveLength(1)
    expect(later.flat()).toHaveLength(all.length - half.length)
    // The very same bytes, wherever the slice stands now.
    const slices = await Promise.all(all.map((_, index) => library.slicePixels(seriesUid, index)))
    expect(slices.map(unwrap).filter((slice) => slice === decoded)).toHaveLength(1)
    await library.close()
  })

  test('who is not named, or calls another title, is not let in; both are noted', async () => {
    const from = [{ aeTitle: 'SCANNER', address: '127.0.0.1' }]
    const made = await here({ from })
    expect((await echo(made.port, 'SCANNER', 'MARGIN')).code).toBe(0)
    expect((await echo(made.port, 'STRANGER', 'MARGIN')).said).toContain('Calling AE Title Not Recognized')
    expect((await echo(made.port, 'SCANNER', 'OTHER')).said).toContain('Called AE Title Not Recognized')
    expect((await send(made, syntaxes, { calling: 'STRANGER' })).code).not.toBe(0)
    const elsewhere = await here({ from: [{ aeTitle: 'SCANNER', address: '192.0.2.1' }] })
    expect((await echo(elsewhere.port, 'SCANNER', 'MARGIN')).code).not.toBe(0)
    expect([...made.files(), ...elsewhere.files()]).toEqual([])
    expect(made.receiver.status().turnedAway).toMatchObject([
      { from: 'STRANGER', address: '127.0.0.1', times: 2 },
      { from: 'SCANNER', why: 'it called another AE title than ours', times: 1 },
    ])
    expect(elsewhere.receiver.status().turnedAway).toMatchObject([{ why: 'nobody at this address may send' }])
  })

  test('two that send at once lose nothing', async () => {
    const made = await here({})
    const both = await Promise.all([
      send(made, phantom(), { calling: 'ONE' }),
      send(made, syntaxes, { calling: 'TWO' }),
    ])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(receivedFiles(made)).toHaveLength(phantom().length + syntaxes.length)
  })

  test('other bytes under a UID that is here are refused, and what was here stays', async () => {
    const made = await here({})
    const [implicit = ''] = syntaxes
    const other = implicit.replace('1.2.dcm', '1.2.1.dcm')
    expect((await send(made, [implicit])).code).toBe(0)
    const [file = ''] = receivedFiles(made)
    const before = readFileSync(file)
    await send(made, [other])
    expect(made.receiver.status().turnedAway).toMatchObject([
      { from: 'SCANNER', why: 'an object was not taken: another object is here under the same UID' },
    ])
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(made.files()).toHaveLength(1)
  })

  test('a disk without room is said to the sender, and nothing lies on it', async () => {
    const made = await here({ keepFreeMegabytes: 1e9 })
    const sent = await send(made, phantom().slice(0, 2))
    expect(sent.said).toMatch(/Refused: OutOfResources|0xa700/i)
    expect(made.files()).toEqual([])
    expect(made.receiver.status().turnedAway[0]?.why).toContain('too little room')
  })

  test('what is not storage is not offered', async () => {
    const made = await here({})
    const folder = made.folder
    const archives = createArchives({ folder, environment: {}, workerPath: null, nowMs: () => 0 })
    expect((await archives.list()).refusal).toBeNull()
    const said = await ran(onPath(['findscu']) ?? '', [
      ...['-v', '-S', '-aec', 'MARGIN', '127.0.0.1', String(made.port)],
      ...['-k', 'QueryRetrieveLevel=STUDY', '-k', 'PatientName=*'],
    ])
    expect(said.said).toContain('No Acceptable Presentation Contexts')
  })
})

describe.skipIf(skips || findOrthanc() === null)('a real Orthanc', () => {
  test('sends what it has to us', async () => {
    const orthanc = await startOrthanc()
    if (orthanc === null) return
    const made = await here({ from: [{ aeTitle: 'ORTHANC', address: '127.0.0.1' }] })
    try {
      await orthanc.fill(phantom())
      const authorization = `Basic ${Buffer.from(`${orthanc.user}:${orthanc.password}`).toString('base64')}`
      const ask = async (method: string, path: string, body: unknown): Promise<unknown> => {
        const at = orthanc.url.replace('/dicom-web', path)
        const answer = await fetch(at, { method, headers: { authorization }, body: JSON.stringify(body) })
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
        return (await answer.text()) || null
      }
      await ask('PUT', '/modalities/margin', { AET: 'MARGIN', Host: '127.0.0.1', Port: made.port })
      const studies = z
        .array(z.string())
        .parse(JSON.parse(Buffer.from(await orthanc.ask('/studies')).toString()))
      await ask('POST', '/modalities/margin/store', { Resources: studies, Synchronous: true })
      expect(receivedFiles(made)).toHaveLength(phantom().length)
      expect(made.receiver.status().turnedAway).toEqual([])
    } finally {
      await orthanc.stop()
    }
  })
})
