/**
 * The files into which `npm run mutate` puts mistakes, and the tests that should find them: pure files of the domain,
 * and the page's composables and state.
 *
 * @type {readonly { readonly path: string, readonly tests: readonly string[] }[]}
 */
export const mutationTargets = [
  { path: 'src/core/comparison/worklist-score.ts', tests: ['src/core/comparison/worklist-score.test.ts'] },
  { path: 'src/core/contour/distance-transform.ts', tests: ['test/laws/drawing/distance.test.ts'] },
  { path: 'src/core/measures/staple.ts', tests: ['test/laws/agreement/consensus.test.ts'] },
  { path: 'src/core/image/window.ts', tests: ['src/core/image/window.test.ts'] },
  { path: 'src/core/annotation/rebase.ts', tests: ['test/laws/annotation/rebase.test.ts'] },
  {
    path: 'src/core/comparison/reading-comparison.ts',
    tests: ['src/core/comparison/reading-comparison.test.ts'],
  },
  {
    path: 'src/renderer/draw/journal/reading-clock.ts',
    tests: ['src/renderer/draw/journal/reading-clock.test.ts'],
  },
  { path: 'src/renderer/keys/match.ts', tests: ['src/renderer/keys'] },
  { path: 'src/renderer/picture/view-settings.ts', tests: ['src/renderer/picture/view-settings.test.ts'] },
  {
    path: 'src/renderer/readings/compared-outlines.ts',
    tests: ['src/renderer/readings/compared-outlines.test.ts'],
  },
  {
    path: 'src/renderer/readings/use-comparison.ts',
    tests: ['src/renderer/readings/use-comparison.test.ts'],
  },
  {
    path: 'src/renderer/draw/journal/use-attempt.ts',
    tests: ['src/renderer/draw/journal/use-attempt.test.ts'],
  },
  {
    path: 'src/renderer/draw/strokes/use-drawing.ts',
    tests: ['src/renderer/draw/strokes/use-drawing.test.ts'],
  },
  { path: 'src/renderer/run/use-run-target.ts', tests: ['src/renderer/run/use-run-target.test.ts'] },
  {
    path: 'src/renderer/run/models/comparison-rows.ts',
    tests: ['src/renderer/run/models/comparison-rows.test.ts'],
  },
  { path: 'src/renderer/viewer/camera.ts', tests: ['src/renderer/viewer/camera.test.ts'] },
  { path: 'src/renderer/viewer/linked-cameras.ts', tests: ['src/renderer/viewer/linked-cameras.test.ts'] },
  { path: 'src/renderer/wire/problems.ts', tests: ['src/renderer/wire/problems.test.ts'] },
]
