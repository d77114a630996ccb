import type { RunSnapshot } from './run-snapshot'

type Asked = Pick<RunSnapshot, 'record' | 'request' | 'report'>

/** What makes a run again elsewhere: its command; where no command line finds its picture, all that is known of it. */
export const runAgainText = ({ record, request, report }: Asked): string =>
  record?.command ?? JSON.stringify({ run: record, request, report })

/** What was copied, and why it is not the command where it is none. */
export function copiedWords({ record }: Pick<RunSnapshot, 'record'>, isCopied: boolean): string {
  if (!isCopied) return 'The browser does not let the page copy.'
  if (record?.command != null) return 'The command is copied.'
  return 'Copied is the run as JSON: its picture was sent by the browser or made here, so no command finds it.'
}

/** The name of the button that copies it. */
export const copyLabel = ({ record }: Pick<RunSnapshot, 'record'>, drawn: string): string =>
  record?.command === null ? 'Copy this run as JSON' : `Copy the command that draws ${drawn}`
