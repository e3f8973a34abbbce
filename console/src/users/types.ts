import type { PROJECT } from '@/client/client'
import type { AnswerOf, ItemOf } from '@/client/types'

export type User = ItemOf<`${typeof PROJECT}/users`, 'users'>
export type AccessKey = AnswerOf<`${typeof PROJECT}/users/{user_id}/access-keys`, 'get'>['access_keys'][number]
export type RoleName = 'administrator' | 'operator' | 'auditor' | 'api_owner' | 'app_owner' | 'api_caller'
export interface RoleDraft {
  role: RoleName
  project_id: string
  instance_id: string
}
