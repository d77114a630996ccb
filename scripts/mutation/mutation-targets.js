/** Files whose tests stand beside them. */
const besideTheirTests = [
  'src/core/comparison/worklist-score.ts',
  'src/core/image/window.ts',
  'src/core/comparison/reading-comparison.ts',
  'src/renderer/draw/journal/reading-clock.ts',
  'src/renderer/picture/view-settings.ts',
  'src/renderer/readings/compared-outlines.ts',
  'src/renderer/readings/use-comparison.ts',
  'src/renderer/draw/journal/use-attempt.ts',
  'src/renderer/draw/strokes/use-drawing.ts',
  'src/renderer/run/use-run-target.ts',
  'src/renderer/run/models/comparison-rows.ts',
  'src/renderer/viewer/camera.ts',
  'src/renderer/viewer/linked-cameras.ts',
  'src/renderer/wire/problems.ts',
].map((path) => ({ path, tests: [path.replace(/\.ts$/, '.test.ts')] }))

/**
 * The files into which `npm run mutate` puts mistakes, and the tests that should find them: pure files of the domain,
 * and the page's composables and state.
 *
 * @type {readonly { readonly path: string, readonly tests: readonly string[] }[]}
 */
export const mutationTargets = [
  { path: 'src/core/contour/distance-transform.ts', tests: ['test/laws/drawing/distance.test.ts'] },
  { path: 'src/core/measures/staple.ts', tests: ['test/laws/agreement/consensus.test.ts'] },
  { path: 'src/core/annotation/rebase.ts', tests: ['test/laws/annotation/rebase.test.ts'] },
  { path: 'src/renderer/keys/match.ts', tests: ['src/renderer/keys'] },
  ...besideTheirTests,
]
