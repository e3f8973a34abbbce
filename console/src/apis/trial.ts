/* A request that is tried: what was typed, and the body that asks the server to send it. */
import type { GATEWAY } from '@/client/client'
import type { AnswerOf, BodyOf } from '@/client/types'
import { pathNames } from './drafts'
import { type Api, RELEASE } from './types'

type Path = `${typeof GATEWAY}/apis/{api_id}/try`
export type TryResult = AnswerOf<Path, 'post'>
type TryBody = BodyOf<Path, 'post'>
export type Proof = 'none' | 'api-key' | 'app-code' | 'aliyun-ca' | 'sdk-hmac-sha256'

/** How the callers of this API may prove themselves, as far as it can be tried here. */
export function proofsOf(api: Api): Proof[] {
  if (api.auth_type === 'NONE') return ['none']
  if (api.auth_type === 'IAM') return ['sdk-hmac-sha256', 'none']
  const takesCode = (api.auth_opt?.app_code_auth_type ?? 'DISABLE') !== 'DISABLE'
  return ['sdk-hmac-sha256', 'aliyun-ca', 'api-key', ...(takesCode ? (['app-code'] as const) : []), 'none']
}

export const newTrial = (api: Api) => ({
  domain: '',
  stage: RELEASE,
  method: 'GET',
  values: {} as Record<string, string>,
  suffix: '',
  query: '',
  headers: '',
  body: '',
  proof: proofsOf(api)[0] ?? 'none',
  key: '',
  source: 'BEARER' as 'BEARER' | 'HEADER' | 'QUERY',
  keyName: '',
  secret: '',
  stored: false,
})
export type Trial = ReturnType<typeof newTrial>

/** "Name: value" lines. */
export const headersOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      const colon = line.indexOf(':')
      return colon < 0 ? { name: line.trim(), value: '' } : { name: line.slice(0, colon).trim(), value: line.slice(colon + 1).trim() }
    })

function proofOf(given: Trial) {
  if (given.proof === 'none') return { proof: 'none' }
  if (given.proof === 'api-key') return { proof: given.proof, key: given.key, key_source: given.source, key_name: given.keyName }
  if (given.proof === 'app-code') return { proof: given.proof, key: given.key }
  const secret = given.stored ? { use_stored_secret: true } : { secret: given.secret }
  return { proof: given.proof, key: given.key, ...secret }
}

export function trialBody(api: Api, given: Trial) {
  return {
    domain: given.domain,
    method: api.req_method === 'ANY' ? given.method : api.req_method,
    path_values: pathNames(api.req_uri).map((name) => ({ name, value: given.values[name] || name })),
    path_suffix: api.match_mode === 'SWA' ? given.suffix : '',
    query: given.query,
    headers: headersOf(given.headers),
    body: given.body,
    ...proofOf(given),
  } as TryBody
}
