/* Times as people read them: in their own time zone and language; the API speaks UTC. */
import { language } from './words'

export function formatTime(text: string | null | undefined) {
  if (!text) return '–'
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? text : time.toLocaleString(language.value, { dateStyle: 'medium', timeStyle: 'short' })
}

/** To the second and with its zone, where clocks are compared. */
export function formatMoment(text: string | null | undefined) {
  if (!text) return '–'
  return new Date(text).toLocaleString(language.value, { dateStyle: 'medium', timeStyle: 'long' })
}

/** "3 minutes ago", for what matters by its distance. */
export function formatAgo(text: string | null | undefined) {
  if (!text) return '–'
  const seconds = Math.round((new Date(text).getTime() - Date.now()) / 1000)
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['day', 86400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
  ]
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1]
  return new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' }).format(Math.round(seconds / size), unit)
}

/** What the API takes: UTC, whole seconds. Null for nothing. */
export function toApiTime(date: Date | null | undefined) {
  return date ? date.toISOString().replace(/\.\d+Z$/, 'Z') : null
}
