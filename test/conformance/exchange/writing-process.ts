import { writeSync } from 'node:fs'
import { writeInto } from '../../../src/main/figures/output-folder'
import { writeWholeFile } from '../../../src/main/workspace/whole-file'

/** A process that writes the same two files of an export into a folder for ever, over what is there and anew. */
const [folder = ''] = process.argv.slice(2)
const bytes = new Uint8Array(1_000_000).fill(7)

writeSync(1, 'ready\n')
for (let round = 0; ; round += 1) {
  await writeInto(folder, { path: 'samples/over.bin', bytes })
  await writeWholeFile(`${folder}/new-${round}.bin`, bytes, { isNew: true })
}
