/* Credentials of all kinds as one list. */
import { placeOf, tokenPlaceOf } from './made'
import type { Consumer, KindName, TokenBody, TokenCredential } from './types'

export interface CredentialRow {
  id: string
  kind: KindName
  /** What people know it by: its first and last characters, its access key, or the claim that names the consumer. */
  shown: string
  where: string
  enabled: boolean
  start: string
  end: string
  created: string | null
  lastUsed: string | null
  formerUntil: string
  token: TokenCredential | null
}

export function rowsOf(consumer: Consumer, tokens: TokenCredential[]): CredentialRow[] {
  const keys = consumer.credentials
    .filter(({ kind }) => kind !== 'JWT')
    .map((one) => ({
      id: one.id,
      kind: one.kind as KindName,
      shown: one.kind === 'HMAC' ? one.access_key : one.display,
      where: one.kind === 'HMAC' ? '' : placeOf(one),
      enabled: one.enabled,
      start: one.start_time ?? '',
      end: one.end_time ?? '',
      created: one.create_time,
      lastUsed: one.last_used,
      formerUntil: one.former_secret_until ?? '',
      token: null,
    }))
  const ofTokens = tokens.map((token) => ({
    id: token.id,
    kind: 'JWT' as const,
    shown: `${token.claim} = ${token.claim_value}`,
    where: tokenPlaceOf(token),
    enabled: token.enabled,
    start: token.start_time ?? '',
    end: token.end_time ?? '',
    created: token.create_time,
    lastUsed: token.last_used,
    formerUntil: '',
    token,
  }))
  return [...keys, ...ofTokens]
}

/** A PUT of a token credential states everything anew: this is what it states already. The key of a symmetric one stays. */
export function tokenStateBody(token: TokenCredential): TokenBody {
  return {
    key_type: token.key_type as 'SYMMETRIC' | 'ASYMMETRIC' | 'REMOTE',
    ...(token.key_type === 'ASYMMETRIC' ? { jwks: token.jwks } : {}),
    ...(token.key_type === 'REMOTE' ? { remote_jwks: token.remote_jwks } : {}),
    token_location: token.token_location as 'HEADER' | 'QUERY' | 'COOKIE',
    token_name: token.token_name,
    token_prefix: token.token_prefix,
    pass_through: token.pass_through,
    claim: token.claim,
    claim_value: token.claim_value,
    issuer: token.issuer,
    audiences: token.audiences,
    leeway: token.leeway,
    require_exp: token.require_exp,
    single_use: token.single_use,
    claims_to_headers: token.claims_to_headers,
    enabled: token.enabled,
    start_time: token.start_time,
    end_time: token.end_time,
  }
}

/** The same for the form. */
export function draftOfToken(token: TokenCredential) {
  return {
    creation: token.key_type === 'REMOTE' ? ('REMOTE' as const) : ('LOCAL' as const),
    keyType: token.key_type === 'ASYMMETRIC' ? ('ASYMMETRIC' as const) : ('SYMMETRIC' as const),
    algorithm: (token.algorithm ?? 'HS256') as 'HS256' | 'HS384' | 'HS512',
    jwks: token.key_type === 'ASYMMETRIC' ? token.jwks : '',
    url: token.remote_jwks ?? '',
    location: token.token_location as 'HEADER' | 'QUERY' | 'COOKIE',
    name: token.token_name,
    prefix: token.token_prefix,
    passThrough: token.pass_through,
    claim: token.claim,
    claimValue: token.claim_value,
    issuer: token.issuer,
    audiences: token.audiences.join('\n'),
    leeway: token.leeway,
    requireExp: token.require_exp,
    singleUse: token.single_use,
    tells: token.claims_to_headers.map(({ claim, header }) => `${claim} = ${header}`).join('\n'),
  }
}
