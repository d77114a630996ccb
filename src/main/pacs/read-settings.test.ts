import { expect, test } from 'vitest'
import { ArchiveSettings } from '../../contract'
import { archiveFolder } from './archive-folder'
import { summaryOf } from './read-settings'

test.each([
  [
    { kind: 'dimse', name: 'PACS', aeTitle: 'HOSPITAL', host: '10.0.0.12', port: 104 },
    'HOSPITAL@10.0.0.12:104',
  ],
  [
    { kind: 'dicomweb', name: 'Web', url: 'https://pacs.example/dicom-web' },
    'https://pacs.example/dicom-web',
  ],
])('an archive is told with its address: %o', async (settings, address) => {
  const summary = await summaryOf(ArchiveSettings.parse(settings), archiveFolder('/nowhere', ''), {})
  expect(summary.address).toBe(address)
})
