/* Series of the daemon, one point for each minute in which something happened, put together into as many steps as a chart has. */
import { get, GATEWAY } from '@/client/client'
import type { AnswerOf } from '@/client/types'
import { toApiTime } from '@/words/time'

export type Point = AnswerOf<`${typeof GATEWAY}/metrics-series`, 'get'>['series'][number]
type GroupBy = 'none' | 'outcome' | 'refusal' | 'api' | 'principal_kind'

export interface Span {
  from: number
  to: number
  /** Minutes of one step. */
  step: number
}
export const STEPS = 60

/** The last `minutes`, up to now, in whole minutes. */
export function spanOf(minutes: number): Span {
  const to = Math.floor(Date.now() / 60000) * 60000
  return { from: to - (minutes - 1) * 60000, to, step: Math.max(1, minutes / STEPS) }
}

/** As the API takes it. */
export const fromOf = (span: Span) => toApiTime(new Date(span.from)) ?? ''

export async function readSeries(span: Span, groupBy: GroupBy) {
  const query = { from: fromOf(span), to: toApiTime(new Date(span.to + 59000)) ?? '', group_by: groupBy }
  return (await get(`${GATEWAY}/metrics-series`, { query })).series
}

const stepOf = (span: Span, minute: string) => Math.floor((new Date(minute).getTime() - span.from) / 60000 / span.step)

/** `take` of all points of a step, folded from 0. */
export function fold(points: Point[], span: Span, take: (before: number, point: Point) => number) {
  const values = new Array<number>(STEPS).fill(0)
  for (const point of points) {
    const step = stepOf(span, point.minute ?? '')
    if (step >= 0 && step < STEPS) values[step] = take(values[step] ?? 0, point)
  }
  return values
}
export const requestsOf = (points: Point[], span: Span) => fold(points, span, (sum, point) => sum + point.requests)

/** The sum of each group, the largest first. */
export function totals(points: Point[]) {
  const sums = new Map<string, number>()
  for (const point of points) sums.set(point.group, (sums.get(point.group) ?? 0) + point.requests)
  return [...sums].map(([group, requests]) => ({ group, requests })).sort((a, b) => b.requests - a.requests)
}

/** When a step begins. */
export const startOf = (span: Span, step: number) => new Date(span.from + step * span.step * 60000)
