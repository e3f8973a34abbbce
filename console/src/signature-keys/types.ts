import { get, GATEWAY } from '@/client/client'
import type { BodyOf, ItemOf } from '@/client/types'

type OfGateway<Tail extends string> = `${typeof GATEWAY}${Tail}`
export type SignatureKey = ItemOf<OfGateway<'/signs'>, 'signs'>
export type Binding = ItemOf<OfGateway<'/sign-bindings/binded-apis'>, 'bindings'>
export type UnboundApi = ItemOf<OfGateway<'/sign-bindings/unbinded-apis'>, 'apis'>
export type KeyBody = BodyOf<OfGateway<'/signs'>, 'post'>

export const types = ['hmac', 'bce', 'aliyun', 'basic', 'aes', 'public_key'] as const
export type KeyType = (typeof types)[number]
export const algorithms = ['aes-128-cfb', 'aes-256-cfb'] as const
export type Algorithm = (typeof algorithms)[number]

/** What a backend finds in a request, by type. */
export const SENT: Record<KeyType, string> = {
  hmac: 'Authorization: SDK-HMAC-SHA256 …',
  bce: 'X-Bce-Gateway-Auth: bce-auth-v1/…',
  aliyun: 'X-Ca-Proxy-Signature',
  basic: 'Authorization: Basic …',
  aes: 'Authorization: SDK-AES-…-CFB …',
  public_key: 'Authorization: SDK-RSA-SHA256 … / SDK-ECDSA-P256-SHA256 …',
}
export const sentBy = (key: SignatureKey) => SENT[key.sign_type as KeyType]

/** Types whose key is a secret, or too long to be shown whole. */
export const hasNamedKey = (type: string) => type !== 'aes' && type !== 'public_key'

export const bindingsOf = (keyId: string, limit = 100) => get(`${GATEWAY}/sign-bindings/binded-apis`, { query: { sign_id: keyId, limit } })
