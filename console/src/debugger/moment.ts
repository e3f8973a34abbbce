/* Times as the schemes write them: milliseconds, 20260102T030405Z, ISO 8601. */
const COMPACT = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/

/** As ISO 8601; empty when it is none of them. */
export function momentOf(text: string) {
  const time = /^\d{10,16}$/.test(text) ? new Date(Number(text)) : new Date(text.replace(COMPACT, '$1-$2-$3T$4:$5:$6Z'))
  return Number.isNaN(time.getTime()) ? '' : time.toISOString()
}
