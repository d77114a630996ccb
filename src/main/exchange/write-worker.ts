import { parentPort, workerData } from 'node:worker_threads'
import { exportZip, type ExportJob } from './export-zip'
import { unpackHere, type UnpackJob } from './package-zip'
import { readHere, type ReadJob } from './read-files'

/** The thread that writes one export, or reads one import or one package; its job is its start data. */
const job = workerData as ExportJob | ReadJob | UnpackJob
const done = (): unknown => {
  if (job.kind === 'read') return readHere(job)
  return job.kind === 'unpack' ? unpackHere(job) : exportZip(job)
}
parentPort?.postMessage(done())
