/* What can be seen in a JWKS before the server looks at it: enough to find what was pasted wrongly. The server's rules decide. */
import { t } from './words'

const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const OF_TYPE: Record<string, string[]> = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] }

type Key = Record<string, unknown>

function problemOf(key: Key, others: Key[]): string {
  if (key.kty === 'oct') return t('jwksSymmetric')
  const secret = PRIVATE.filter((member) => member in key)
  if (secret.length) return t('jwksPrivate', { members: secret.join(', ') })
  const missing = ['kty', 'kid', 'alg', ...(OF_TYPE[String(key.kty)] ?? [])].find((member) => !key[member])
  if (missing) return t('jwksMissing', { member: missing })
  return others.some((other) => other.kid === key.kid) ? t('jwksDuplicate') : ''
}

/** Sentences about what is wrong; none: as far as can be seen here it is good. */
export function jwksProblems(text: string): { problems: string[]; count: number } {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (thrown) {
    return { problems: [t('jwksNotJson', { problem: thrown instanceof Error ? thrown.message : '' })], count: 0 }
  }
  const keys = (parsed as { keys?: unknown } | null)?.keys
  if (!Array.isArray(keys)) return { problems: [t('jwksNoKeys')], count: 0 }
  if (keys.length === 0) return { problems: [t('jwksEmpty')], count: 0 }
  const list = keys.map((key: unknown) => (typeof key === 'object' && key !== null ? key : {}) as Key)
  const problems = list.flatMap((key, index) => {
    const problem = problemOf(key, list.slice(0, index))
    return problem ? [`${t('jwksKey', { number: index + 1 })} ${problem}`] : []
  })
  return { problems, count: list.length }
}
