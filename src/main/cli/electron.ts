import { app } from 'electron'
import { findResources } from '../compose/resources'
import { openElectronDoor } from '../doors/electron-door'
import { launchByUtility } from '../doors/launch-utility'
import { keepChromiumSilent } from '../doors/silence'

/**
 * The program that Electron starts: the window, or behind the word `--` a command of the command line, without a display.
 * So an installed program needs no Node beside it, and the switch that would make Electron one stays off.
 */

const resources = findResources(import.meta.dirname, process.env, process.execPath)
const divider = process.argv.indexOf('--')

/** Commands run where there is no display: START in scripts/package.js gives Chromium its switches for that. */
async function runHeadless(words: readonly string[]): Promise<void> {
  app.setName('Margin')
  keepChromiumSilent()
  app.disableHardwareAcceleration()
  await app.whenReady()
  const { runCommand } = await import('./run-command')
  const ownWords = process.argv.slice(0, divider + 1)
  const code = await runCommand(words, { resources, launch: launchByUtility, ownWords })
  // What was said is through before the program ends; a pipe of Windows is not, by itself.
  await new Promise<void>((written) => {
    process.stdout.write('', () => {
      written()
    })
  })
  app.exit(code)
}

if (divider >= 0) void runHeadless(process.argv.slice(divider + 1))
else
  openElectronDoor({
    resources,
    environment: process.env,
    // Read while the page's process starts: it is most of the program.
    services: async (opening) => {
      const { createServices } = await import('../compose/create-services')
      return createServices({
        resources,
        environment: process.env,
        door: 'electron',
        opening,
        launch: launchByUtility,
        log: (refusal) => {
          process.stderr.write(`${JSON.stringify({ refusal })}\n`)
        },
      })
    },
  })
