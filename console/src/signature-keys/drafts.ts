/* What was typed about a key, and the body that is made of it. */
import type { Algorithm, KeyBody, KeyType, SignatureKey } from './types'

export const newDraft = () => ({
  name: '',
  type: 'hmac' as KeyType,
  algorithm: 'aes-256-cfb' as Algorithm,
  generation: 'SYSTEM' as 'SYSTEM' | 'CUSTOM',
  key: '',
  secret: '',
  confirmed: '',
})
export type Draft = ReturnType<typeof newDraft>

export function draftOf(key: SignatureKey): Draft {
  return {
    ...newDraft(),
    name: key.name,
    type: key.sign_type as KeyType,
    algorithm: (key.sign_algorithm || 'aes-256-cfb') as Algorithm,
    generation: 'CUSTOM',
    key: key.sign_key,
  }
}

const algorithmOf = (draft: Draft) => (draft.type === 'aes' ? { sign_algorithm: draft.algorithm } : {})

export function createBody(draft: Draft): KeyBody {
  const own = draft.generation === 'CUSTOM'
  return {
    name: draft.name.trim(),
    sign_type: draft.type,
    ...algorithmOf(draft),
    ...(own && draft.key ? { sign_key: draft.key } : {}),
    ...(own && draft.secret ? { sign_secret: draft.secret } : {}),
  }
}

/** A key that was left as it is stays unsaid: it stays, and a next key can take its place. */
export function editBody(draft: Draft, before: SignatureKey): KeyBody {
  const otherType = draft.type !== before.sign_type || (draft.type === 'aes' && draft.algorithm !== before.sign_algorithm)
  return {
    name: draft.name.trim(),
    sign_secret: draft.secret,
    ...(otherType ? { sign_type: draft.type, ...algorithmOf(draft) } : {}),
    ...(draft.key && draft.key !== before.sign_key ? { sign_key: draft.key } : {}),
  }
}
