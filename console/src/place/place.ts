/* Where the user is: a region (a project, as the API calls it) and a gateway of it (an instance). Everything shown is of that gateway. */
import { reactive } from 'vue'
import type { ItemOf } from '@/client/types'

export type Region = ItemOf<'/v3/auth/projects', 'projects'>
export type Gateway = ItemOf<'/v2/{project_id}/apigw/instances', 'instances'>

const KEPT = 'countersign.place'

export const place = reactive({
  projectId: '',
  instanceId: '',
  regions: [] as Region[],
  gateways: [] as Gateway[],
})

export function keptPlace(): { projectId?: string; instanceId?: string } {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as { projectId?: string; instanceId?: string }
  } catch {
    return {}
  }
}

export function keepPlace() {
  localStorage.setItem(KEPT, JSON.stringify({ projectId: place.projectId, instanceId: place.instanceId }))
}
