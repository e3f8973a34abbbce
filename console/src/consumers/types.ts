import type { GATEWAY } from '@/client/client'
import type { AnswerOf, BodyOf } from '@/client/types'

type OfGateway<Tail extends string> = `${typeof GATEWAY}${Tail}`
export type Consumer = AnswerOf<OfGateway<'/consumers/{consumer_id}'>, 'get'>
export type Credential = Consumer['credentials'][number]
type Token = AnswerOf<OfGateway<'/consumers/{consumer_id}/jwt-credentials/{credential_id}'>, 'get'>
type MayBeNull = 'start_time' | 'end_time' | 'last_used' | 'remote_jwks'
/** The description of the API lets every field of a body be null; in answers only these are. */
export type TokenCredential = { [K in keyof Token]: K extends MayBeNull ? Token[K] : NonNullable<Token[K]> }
export type CredentialBody = BodyOf<OfGateway<'/consumers/{consumer_id}/credentials'>, 'post'>
export type TokenBody = BodyOf<OfGateway<'/consumers/{consumer_id}/jwt-credentials'>, 'post'>
export type KindName = 'API_KEY' | 'JWT' | 'HMAC'
