import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rooms } from './rooms.js'
import { root } from './setup/steps.js'

/**
 * `npm run architecture`: draws docs/pictures/architecture.svg from the code: the rooms that lint orders, and the
 * processes with the files they start from. A test draws it again and compares.
 */

/** What runs, and the file it starts from. */
export const processes = [
  { name: 'Page', file: 'src/renderer/main.ts', does: 'Vue; asks by HTTP, keeps no pixel it was not sent' },
  {
    name: 'Overlay worker',
    file: 'src/renderer/viewer/worker/overlay.worker.ts',
    does: 'outlines, bands and depth of samples',
  },
  {
    name: 'Program',
    file: 'src/main/app/create-app.ts',
    does: 'one HTTP application behind two doors',
  },
  { name: 'Decode workers', file: 'src/main/library/decode/worker.ts', does: 'parse and decode files' },
  {
    name: 'Inference process',
    file: 'src/main/inference/process/child.ts',
    does: 'owns ONNX Runtime; may crash',
  },
  {
    name: 'Picture process',
    file: 'src/main/pictures/picture-child.ts',
    does: 'decodes photographs, draws figures; may be ended',
  },
  {
    name: 'Thread for files beside an image',
    file: 'src/main/library/beside-worker.ts',
    does: 'reads readings and imports; ended when too slow or large',
  },
  { name: 'Store thread', file: 'src/main/workspace/store-worker.ts', does: 'the workspace on disk' },
  {
    name: 'Readings thread',
    file: 'src/main/readings/readings-worker.ts',
    does: 'large gestures and comparisons of many readings',
  },
  {
    name: 'Write thread',
    file: 'src/main/exchange/write-worker.ts',
    does: 'exports, read back and compared',
  },
  {
    name: 'Archive thread',
    file: 'src/main/pacs/archive-worker.ts',
    does: 'one question to an archive, and what it sends',
  },
  {
    name: 'Receiver thread',
    file: 'src/main/pacs/receiving/receiver-worker.ts',
    does: 'what other programs send; off unless set up',
  },
  {
    name: 'Trainer',
    file: 'trainer/margin_trainer/fine_tune/worker.py',
    does: 'Python; trains and judges; may be killed at any time',
  },
]

const WIDTH_PX = 1160
const PROCESSES_TOP = 46
const INK = '#e6e9ef'
const QUIET = '#9aa3b2'
const BOX = '#1b2029'
const LINE = '#3b4453'

/** @param {number} x @param {number} y @param {string} text @param {string} [more] attributes */
const words = (x, y, text, more = '') => `<text x="${x}" y="${y}" ${more}>${text}</text>`

/** @param {number} x @param {number} y @param {number} width @param {number} height */
const box = (x, y, width, height) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="5" fill="${BOX}" stroke="${LINE}"/>`

/** @param {number} top */
function processBand(top) {
  return processes.flatMap(({ name, file, does }, index) => {
    const x = 20 + (index % 3) * 380
    const y = top + Math.floor(index / 3) * 74
    return [
      box(x, y, 360, 62),
      words(x + 12, y + 20, name, 'font-weight="600"'),
      words(x + 12, y + 37, file, `fill="${QUIET}" font-size="11"`),
      words(x + 12, y + 53, does, `fill="${QUIET}" font-size="11"`),
    ]
  })
}

/** @param {string} side @param {readonly string[]} names lowest first @param {number} x @param {number} top */
function column(side, names, x, top) {
  return [
    words(x, top, `src/${side}`, 'font-weight="600"'),
    ...names.toReversed().flatMap((name, index) => {
      const y = top + 12 + index * 25
      return [box(x, y, 170, 21), words(x + 10, y + 15, name)]
    }),
  ]
}

/** @returns {string} the picture, the same for the same code */
export function drawArchitecture() {
  const most = Math.max(...Object.values(rooms).map(({ length }) => length))
  const roomsTop = PROCESSES_TOP + Math.ceil(processes.length / 3) * 74 + 62
  const height = roomsTop + 70 + most * 25
  const sides = [
    { side: 'contract', names: ['schemas of what crosses'], x: 20 },
    { side: 'core', names: rooms['core'] ?? [], x: 250 },
    { side: 'main', names: rooms['main'] ?? [], x: 500 },
    { side: 'renderer', names: rooms['renderer'] ?? [], x: 750 },
    { side: 'preload', names: ['what a page cannot'], x: 970 },
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH_PX} ${height}" width="${WIDTH_PX}" height="${height}" font-family="DejaVu Sans, sans-serif" font-size="12" fill="${INK}">`,
    `<rect width="${WIDTH_PX}" height="${height}" fill="#12161c"/>`,
    words(20, 30, 'What runs, and where each starts', 'font-size="15" font-weight="600"'),
    ...processBand(PROCESSES_TOP),
    words(
      20,
      roomsTop - 34,
      'Rooms: each imports what stands below it in its column',
      'font-size="15" font-weight="600"',
    ),
    ...sides.flatMap(({ side, names, x }) => column(side, names, x, roomsTop)),
    words(
      20,
      height - 18,
      'contract ← core ← main and contract ← core ← renderer; main and renderer never import each other, preload imports contract alone.',
      `fill="${QUIET}"`,
    ),
    '</svg>\n',
  ].join('\n')
}

export const pictureFile = join(root, 'docs', 'pictures', 'architecture.svg')

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(pictureFile, drawArchitecture())
  process.stderr.write(`${pictureFile}: ${readFileSync(pictureFile).length} bytes\n`)
}
