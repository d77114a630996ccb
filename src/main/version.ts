import program from '../../package.json'

/** Version of the program, as package.json says. Stands in every run's record. */
export const version = program.version

export const researchUse = 'For research use only. Margin is not a medical device.'
