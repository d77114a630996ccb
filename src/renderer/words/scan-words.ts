/** When a scan was, from the program's ISO time: `10:57`, with the day where it was not today's. */
export function scanTime(isoTime: string): string {
  const at = new Date(isoTime)
  if (Number.isNaN(at.getTime())) return ''
  const day = isoTime.slice(0, 10)
  const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
  return `${day} ${time}`
}
