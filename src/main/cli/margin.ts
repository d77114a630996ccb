import { findResources } from '../compose/resources'
import { launchByFork } from '../processes/launch'
import { runCommand } from './run-command'

/** The command line under Node, as a clone has it. */

/** A worker or a driver that does not end by itself may keep the process this long after the command ended. */
const LINGER_MS = 2_000

const resources = findResources(import.meta.dirname, process.env, process.execPath)
const ownWords = [process.execPath, ...process.argv.slice(1, 2)]
process.exitCode = await runCommand(process.argv.slice(2), { resources, launch: launchByFork(), ownWords })
setTimeout(() => {
  process.exit()
}, LINGER_MS).unref()
