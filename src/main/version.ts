import program from '../../package.json'

/** Put in by the build (scripts/setup/built-from.js); not there where sources run unbuilt, as in tests. */
declare const BUILT_FROM: string | undefined

/** Version of the program and what it was built from, `0.1.0+f4b605a`. Stands in every run's record. */
export const version = `${program.version}+${typeof BUILT_FROM === 'undefined' ? 'unbuilt' : BUILT_FROM}`

export const researchUse = 'For research use only. Margin is not a medical device.'
