/* Key and secret by the words of their type, for what shows them. */
import type { SecretValue } from '@/components/SecretOnce.vue'
import { t } from './words'

const labels: Record<string, () => [string, string]> = {
  aes: () => [t('aesKey'), t('aesVector')],
  public_key: () => [t('publicKey'), t('privateKey')],
}

export function secretsOf(type: string, key: string, secret: string): SecretValue[] {
  const [ofKey, ofSecret] = labels[type]?.() ?? [t('key'), t('secret')]
  return [
    { label: ofKey, name: 'sign_key', value: key },
    { label: ofSecret, name: 'sign_secret', value: secret },
  ]
}
