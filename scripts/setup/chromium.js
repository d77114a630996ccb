import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { aptInstall, optionalStep } from './apt.js'
import { onPath } from './on-path.js'
import { StepFailed } from './steps.js'

/** The browser of the end-to-end tests, and the DICOM validator of the conformance tests. */

/** @returns {string | null} MARGIN_CHROMIUM, else a Chromium or Chrome of this computer */
export function findChromium() {
  const named = process.env['MARGIN_CHROMIUM']
  if (named !== undefined && existsSync(named)) return named
  const usual = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].map((variable) =>
      join(process.env[variable] ?? '', 'Google', 'Chrome', 'Application', 'chrome.exe'),
    ),
  ]
  return (
    onPath(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) ??
    usual.find((path) => existsSync(path)) ??
    null
  )
}

export const chromiumStep = {
  name: 'finding Chromium',
  packages: ['chromium'],
  done: () => findChromium() !== null,
  run: () => {
    aptInstall(['chromium'])
    if (findChromium() !== null) return
    throw new StepFailed(
      'No Chromium or Chrome was found; the end-to-end tests need one.',
      'Install one (Debian: apt install chromium), or name it in MARGIN_CHROMIUM, and run npm test again.',
    )
  },
}

export const validatorStep = optionalStep(
  'finding dciodvfy (package dicom3tools)',
  ['dicom3tools'],
  () => onPath(['dciodvfy', 'dciodvfy.exe']) !== null,
)
