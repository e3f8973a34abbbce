/* What is shown once of a credential that was just made. */
import type { SecretValue } from '@/components/SecretOnce.vue'
import type { Credential, TokenCredential } from './types'
import { samplePayload } from './drafts'
import { t } from './words'

export function secretsOf(made: Partial<Credential>): SecretValue[] {
  const values = [
    { label: t('apiKeyValue'), name: 'api_key', value: made.value },
    { label: t('accessKey'), name: 'access_key', value: made.secret_key ? made.access_key : undefined },
    { label: t('secretKey'), name: 'secret_key', value: made.secret_key },
  ]
  return values.filter((item): item is SecretValue => Boolean(item.value))
}

export function secretsOfToken(made: TokenCredential): SecretValue[] {
  if (made.key_type !== 'SYMMETRIC') return []
  return [
    { label: t('jwks'), name: 'jwks', value: made.jwks },
    { label: t('samplePayload'), name: 'payload', value: samplePayload(made.claim, made.claim_value) },
  ]
}

/** "Authorization: Bearer …", "?apikey=…": where a credential stands in a request. */
export function placeOf(credential: { source?: string; name?: string; display?: string; access_key?: string }) {
  if (credential.source === 'HEADER') return `${credential.name}: …`
  if (credential.source === 'QUERY') return `?${credential.name}=…`
  return credential.source === 'BEARER' ? 'Authorization: Bearer …' : '–'
}

export function tokenPlaceOf(token: TokenCredential) {
  const places: Record<string, string> = {
    HEADER: `${token.token_name}: ${token.token_prefix}…`,
    QUERY: `?${token.token_name}=…`,
    COOKIE: `Cookie: ${token.token_name}=…`,
  }
  return places[token.token_location] ?? '–'
}
