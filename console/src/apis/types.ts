import type { GATEWAY } from '@/client/client'
import type { AnswerOf, BodyOf, ItemOf } from '@/client/types'

type OfGateway<Tail extends string> = `${typeof GATEWAY}${Tail}`
export type Api = AnswerOf<OfGateway<'/apis/{api_id}'>, 'get'>
export type ListedApi = ItemOf<OfGateway<'/apis'>, 'apis'>
export type ApiBody = BodyOf<OfGateway<'/apis'>, 'post'>
export type Version = ItemOf<OfGateway<'/apis/publish/{api_id}'>, 'api_versions'>
export type Group = ItemOf<OfGateway<'/api-groups'>, 'groups'>
export type Environment = ItemOf<OfGateway<'/envs'>, 'envs'>

export const methods = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS', 'ANY'] as const
export const places = ['PATH', 'QUERY', 'HEADER'] as const
export const origins = ['REQUEST', 'CONSTANT', 'SYSTEM'] as const
/** The API's `status` of a version that is in effect. */
export const IN_EFFECT = 1
export const RELEASE = 'RELEASE'
export const MOST_CHOICES = 500
