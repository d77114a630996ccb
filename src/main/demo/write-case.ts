/** A program of the build: `write-case.js FOLDER` makes the built-in case there, unless the same version is there already. */
import { writeDemoCase } from './write-demo-case'

const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('write-case.js needs the folder to write to')
await writeDemoCase(folder, new AbortController().signal)
