/* A row of the audit, and what of it changed. */
import type { GATEWAY } from '@/client/client'
import type { ItemOf } from '@/client/types'

type Listed = ItemOf<`${typeof GATEWAY}/audits`, 'audits'>
type State = Record<string, unknown> | null
export type Audit = Omit<Listed, 'before' | 'after'> & { before?: State; after?: State }

const textOf = (value: unknown) => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value, null, 2))

/** Every member of before and after, those that differ first. */
export function membersOf(audit: Audit) {
  const before = audit.before ?? {}
  const after = audit.after ?? {}
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .map((name) => ({
      name,
      before: textOf(before[name]),
      after: textOf(after[name]),
      differs: textOf(before[name]) !== textOf(after[name]),
    }))
    .sort((a, b) => Number(b.differs) - Number(a.differs) || a.name.localeCompare(b.name))
}
