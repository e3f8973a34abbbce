/* What the user gives for a new credential, and the body that the API takes for it: nothing that is left empty is sent. */
import type { CredentialBody, KindName, TokenBody } from './types'

export function newDraft() {
  return {
    method: 'API_KEY' as KindName,
    key: { generation: 'SYSTEM' as 'SYSTEM' | 'CUSTOM', value: '', source: 'BEARER' as 'BEARER' | 'HEADER' | 'QUERY', name: '' },
    pair: { generation: 'SYSTEM' as 'SYSTEM' | 'CUSTOM', accessKey: '', secretKey: '' },
    token: newTokenDraft(),
  }
}

export function newTokenDraft() {
  return {
    creation: 'LOCAL' as 'LOCAL' | 'REMOTE',
    keyType: 'SYMMETRIC' as 'SYMMETRIC' | 'ASYMMETRIC',
    algorithm: 'HS256' as 'HS256' | 'HS384' | 'HS512',
    jwks: '',
    url: '',
    location: 'HEADER' as 'HEADER' | 'QUERY' | 'COOKIE',
    name: 'Authorization',
    prefix: 'Bearer ',
    passThrough: false,
    claim: 'uid',
    claimValue: '',
    issuer: '',
    audiences: '',
    leeway: 60,
    requireExp: true,
    singleUse: false,
    tells: '',
  }
}

export type Draft = ReturnType<typeof newDraft>
export type TokenDraft = ReturnType<typeof newTokenDraft>

export const linesOf = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

export function keyBody({ key, pair, method }: Draft): CredentialBody {
  if (method === 'HMAC') {
    const own = pair.generation === 'CUSTOM' ? { access_key: pair.accessKey.trim(), secret_key: pair.secretKey } : {}
    return { hmac: { generate_mode: pair.generation, ...own } }
  }
  const named = key.source === 'BEARER' ? {} : { name: key.name.trim() }
  const own = key.generation === 'CUSTOM' ? { value: key.value } : {}
  return { api_key: { generate_mode: key.generation, source: key.source, ...named, ...own } }
}

const tellsOf = (text: string) =>
  linesOf(text).map((line) => {
    const [claim = '', header = ''] = line.split('=').map((part) => part.trim())
    return { claim, header }
  })

export function tokenBody(token: TokenDraft): TokenBody {
  const keyType = token.creation === 'REMOTE' ? 'REMOTE' : token.keyType
  const keys = { SYMMETRIC: { algorithm: token.algorithm }, ASYMMETRIC: { jwks: token.jwks }, REMOTE: { remote_jwks: token.url.trim() } }[
    keyType
  ]
  return {
    key_type: keyType,
    ...keys,
    token_location: token.location,
    token_name: token.name.trim(),
    token_prefix: token.location === 'HEADER' ? token.prefix : '',
    pass_through: token.passThrough,
    claim: token.claim.trim(),
    ...(token.claimValue.trim() ? { claim_value: token.claimValue.trim() } : {}),
    issuer: token.issuer.trim(),
    audiences: linesOf(token.audiences),
    leeway: Number(token.leeway),
    require_exp: token.requireExp,
    single_use: token.singleUse,
    claims_to_headers: tellsOf(token.tells),
  }
}

/** What a token of this consumer says, with the claim that names him; a pointer goes into objects. */
export function samplePayload(claim: string, value: string): string {
  const exp = Math.floor(Date.now() / 1000) + 3600
  if (!claim.startsWith('/')) return JSON.stringify({ [claim]: value, exp }, null, 2)
  const names = claim
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const nested = names.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value)
  return JSON.stringify({ ...(nested as object), exp }, null, 2)
}
