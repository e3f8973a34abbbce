import { place } from '@/place/place'
import type { RoleName, User } from './types'
import { t } from './words'

/** "Operator (local)": each role with where it counts. */
export function roleTexts(user: User) {
  return user.roles.map(({ role, project_id, instance_id }) => {
    const region = place.regions.find(({ id }) => id === project_id)?.name ?? project_id
    const gateway = place.gateways.find(({ id }) => id === instance_id)?.instance_name ?? instance_id
    const where = [region, gateway].filter(Boolean).join(' / ')
    return where ? `${t(role as RoleName)} (${where})` : t(role as RoleName)
  })
}
