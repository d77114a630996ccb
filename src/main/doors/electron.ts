import { createServices } from '../compose/create-services'
import { openElectronDoor } from './electron-door'
import { launchByUtility } from './launch-utility'

/** The program that Electron starts. */
openElectronDoor({
  programDir: import.meta.dirname,
  environment: process.env,
  services: (opening) =>
    createServices({
      programDir: import.meta.dirname,
      environment: process.env,
      door: 'electron',
      opening,
      launch: launchByUtility,
      log: (refusal) => {
        process.stderr.write(`${JSON.stringify({ refusal })}\n`)
      },
    }),
})
