import { cache, imageLoader, init, metaData, RenderingEngine, setUseCPURendering } from '@cornerstonejs/core'

/** A stack of slices in Cornerstone3D, its pixels in memory; arrow keys turn it as a viewer's scroll does. */

const SCHEME = 'pixels'
const VIEWPORT = 'stack'
const LUNG = { lower: -1350, upper: 150 }

interface Given {
  readonly rows: number
  readonly columns: number
  readonly slices: number
  /** Hounsfield units of all slices, one behind the other. */
  readonly pixels: string
  readonly byCpu: boolean
}

const given = JSON.parse(document.body.dataset['given'] ?? '{}') as Given

/** The image object that its loaders are asked for. */
function imageOf(imageId: string, all: Int16Array): object {
  const { rows, columns } = given
  const at = Number(imageId.split(':')[1])
  const pixels = all.slice(at * rows * columns, (at + 1) * rows * columns)
  let [least, most] = [Infinity, -Infinity]
  for (const value of pixels) [least, most] = [Math.min(least, value), Math.max(most, value)]
  const voxelManager = {
    ...{ getScalarData: () => pixels, getConstructor: () => Int16Array, numberOfComponents: 1 },
    ...{ scalarData: pixels, bytePerVoxel: 2, sizeInBytes: pixels.byteLength },
    getRange: () => [least, most],
  }
  return {
    ...{
      imageId,
      rows,
      columns,
      width: columns,
      height: rows,
      numberOfComponents: 1,
      dataType: 'Int16Array',
    },
    ...{ color: false, rgba: false, invert: false, intercept: 0, slope: 1, sizeInBytes: pixels.byteLength },
    ...{ rowPixelSpacing: 0.7, columnPixelSpacing: 0.7, windowCenter: -600, windowWidth: 1500 },
    ...{
      minPixelValue: least,
      maxPixelValue: most,
      voiLUTFunction: 'LINEAR',
      photometricInterpretation: 'MONOCHROME2',
    },
    getPixelData: () => pixels,
    getCanvas: () => document.createElement('canvas'),
    voxelManager,
  }
}

/** What a DICOM header would say of a slice. */
function told(kind: string, imageId: string): object | undefined {
  const at = Number(imageId.split(':')[1])
  const { rows, columns } = given
  if (kind === 'imagePixelModule')
    return {
      ...{ bitsAllocated: 16, bitsStored: 16, highBit: 15, pixelRepresentation: 1, samplesPerPixel: 1 },
      photometricInterpretation: 'MONOCHROME2',
    }
  if (kind === 'generalSeriesModule') return { modality: 'CT', seriesInstanceUID: '1' }
  if (kind === 'voiLutModule') return { windowCenter: [-600], windowWidth: [1500] }
  if (kind === 'modalityLutModule') return { rescaleSlope: 1, rescaleIntercept: 0 }
  if (kind === 'imagePlaneModule')
    return {
      ...{ rows, columns, rowCosines: [1, 0, 0], columnCosines: [0, 1, 0], frameOfReferenceUID: '2' },
      ...{ imageOrientationPatient: [1, 0, 0, 0, 1, 0], imagePositionPatient: [0, 0, at] },
      ...{ rowPixelSpacing: 0.7, columnPixelSpacing: 0.7, pixelSpacing: [0.7, 0.7], sliceThickness: 1 },
    }
  return undefined
}

async function start(): Promise<void> {
  const all = new Int16Array(await (await fetch(given.pixels)).arrayBuffer())
  await init()
  setUseCPURendering(given.byCpu)
  cache.setMaxCacheSize(2e9)
  imageLoader.registerImageLoader(SCHEME, (imageId) => ({ promise: Promise.resolve(imageOf(imageId, all)) }))
  metaData.addProvider(told)
  const element = document.querySelector<HTMLDivElement>('#stack')
  if (element === null) throw new Error('no element')
  const engine = new RenderingEngine('bench')
  engine.enableElement({ viewportId: VIEWPORT, type: 'stack', element })
  const viewport = engine.getViewport(VIEWPORT)
  let at = given.slices >> 1
  await viewport.setStack(
    Array.from({ length: given.slices }, (_, slice) => `${SCHEME}:${slice}`),
    at,
  )
  viewport.setProperties({ voiRange: LUNG })
  viewport.render()
  window.addEventListener('keydown', ({ key }) => {
    const to = at + (key === 'ArrowDown' ? 1 : -1)
    if (to < 0 || to >= given.slices) return
    at = to
    element.dataset['slice'] = String(to)
    void viewport.setImageIdIndex(to)
  })
  document.body.dataset['ready'] = 'yes'
}

void start().catch((error: unknown) => {
  document.body.dataset['failed'] = String(error)
})
