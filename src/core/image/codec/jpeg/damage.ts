/** What makes a JPEG stream undecodable. Thrown inside this folder and caught where it is entered. */
export class JpegDamage extends Error {}

export const cutStream = (): JpegDamage => new JpegDamage('the stream ends inside its picture')
