import type { SecretValue } from '@/components/SecretOnce.vue'
import type { GATEWAY } from '@/client/client'
import type { ItemOf } from '@/client/types'
import { t } from './words'

type OfGateway<Tail extends string> = `${typeof GATEWAY}${Tail}`
export type App = ItemOf<OfGateway<'/apps'>, 'apps'>
export type KeyPair = ItemOf<OfGateway<'/apps/{app_id}/key-pairs'>, 'key_pairs'>
export type AppCode = ItemOf<OfGateway<'/apps/{app_id}/app-codes'>, 'app_codes'>

/** The API's `status` of an app that counts, and of one that does not. */
export const ENABLED = 1
export const DISABLED = 2

export const secretsOf = (key: string, secret: string | null | undefined): SecretValue[] =>
  secret
    ? [
        { label: t('appKey'), name: 'app_key', value: key },
        { label: t('appSecret'), name: 'app_secret', value: secret },
      ]
    : []
