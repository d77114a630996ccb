import type { CanvasMap, CanvasSize } from './camera'
import type { PaintSteps } from './overlays/outlines'
import { paintScene } from './overlays/paint-scene'
import { medianOutline } from './overlays/sample-choice'
import type { Scene } from './overlays/scene'
import type { SheetStack } from './pixels/sheet-stack'

/** About 15 to 30 ms of drawing without a graphics card. */
const VERTICES_A_FRAME = 14_000
/** A scene up to this size is painted anew in each frame; a larger one is moved along and painted when the picture rests. */
const LIGHT_VERTICES = 9_000
/** The picture rests when nothing has moved it for this long. */
const REST_MS = 90

const vertices = (rings: readonly Float32Array[]): number =>
  rings.reduce((sum, ring) => sum + ring.length / 2, 0)

/** About how many vertices a scene's lines have. */
function sceneVertices(scene: Scene): number {
  const medians = [scene.overlay, scene.compared?.other ?? null].reduce(
    (sum, overlay) => sum + vertices((overlay === null ? null : medianOutline(overlay))?.rings ?? []),
    0,
  )
  return scene.readers.reduce((sum, reader) => sum + vertices(reader.rings), medians)
}

/**
 * Keeps the painted scene in step with the picture. Outlines of a nodule are painted in the frame in which the
 * picture moves. The vessels of a photograph, 100 000 vertices and more, are painted behind the view over several
 * frames and then turned to the front; until then what was painted before moves and scales with the picture.
 */
export class ScenePainter {
  private scene: Scene | null = null
  private map: CanvasMap | null = null
  private steps: PaintSteps | null = null
  private frame: number | null = null
  private rest: ReturnType<typeof setTimeout> | null = null
  private dirty = false

  constructor(private readonly sheets: SheetStack) {}

  close(): void {
    this.stop()
  }

  /** Canvases were emptied by a new size. */
  resize(size: CanvasSize, ratio: number): void {
    this.stop()
    this.sheets.resize(size, ratio)
  }

  /** Another scene, or null for none. */
  paint(scene: Scene | null, map: CanvasMap): void {
    this.scene = scene
    this.map = map
    if (scene === null || sceneVertices(scene) <= LIGHT_VERTICES) this.paintAtOnce()
    else this.begin()
  }

  /** The same scene at another place. */
  move(map: CanvasMap): void {
    this.map = map
    if (this.scene === null) return
    if (sceneVertices(this.scene) <= LIGHT_VERTICES) {
      this.paintAtOnce()
      return
    }
    this.sheets.follow(map)
    if (this.rest !== null) clearTimeout(this.rest)
    this.rest = setTimeout(() => {
      this.rest = null
      this.begin()
    }, REST_MS)
  }

  private paintAtOnce(): void {
    this.stop()
    if (this.map === null) return
    const sheets = this.sheets.beginInView(this.map)
    if (sheets === null || this.scene === null) return
    const steps = paintScene(sheets, this.scene)
    while (steps.next().done !== true);
  }

  /** Starts painting behind the view; what runs is finished first, so that a stream of samples cannot starve it. */
  private begin(): void {
    this.dirty = true
    if (this.steps !== null || this.scene === null || this.map === null) return
    const sheets = this.sheets.beginBehind(this.map)
    if (sheets === null) return
    this.dirty = false
    this.steps = paintScene(sheets, this.scene)
    this.goOn()
  }

  private goOn(): void {
    this.frame = requestAnimationFrame(() => {
      this.frame = null
      if (this.steps === null) return
      let drawn = 0
      while (drawn < VERTICES_A_FRAME) {
        const step = this.steps.next()
        if (step.done === true) {
          this.finish()
          return
        }
        drawn += step.value
      }
      this.goOn()
    })
  }

  private finish(): void {
    this.steps = null
    this.sheets.turn()
    if (this.map !== null) this.sheets.follow(this.map)
    if (this.dirty) this.begin()
  }

  private stop(): void {
    if (this.frame !== null) cancelAnimationFrame(this.frame)
    if (this.rest !== null) clearTimeout(this.rest)
    this.frame = null
    this.rest = null
    this.steps = null
    this.dirty = false
  }
}
