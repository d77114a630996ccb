/**
 * Leaves the codecs of dcmjs-dimse out of the program: it would transcode by them what an archive does not take as it is,
 * and Margin keeps and sends objects as they are. What asks for them nevertheless is refused.
 *
 * @returns {import('vite').Plugin}
 */
export function withoutCodecs() {
  const absent = '\0without-codecs'
  return {
    name: 'no transcoding of DICOM objects',
    enforce: 'pre',
    resolveId: (id) => (id === 'dcmjs-codecs' ? absent : null),
    load: (id) =>
      id === absent
        ? `export const NativeCodecs = { isInitialized: () => false }
           export class Transcoder { constructor() { throw new Error('objects are not transcoded') } }`
        : null,
  }
}
