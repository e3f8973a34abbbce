/* Loads what the user may choose from, and chooses: what he had last, else the first. */
import { get } from '@/client/client'
import { session } from '@/session/session'
import { keepPlace, keptPlace, place } from './place'

const chosen = <T extends { id: string }>(items: T[], wanted: string | undefined, otherwise: string | undefined) =>
  (items.find((item) => item.id === wanted) ?? items.find((item) => item.id === otherwise) ?? items[0])?.id ?? ''

export async function loadPlaces() {
  place.regions = (await get('/v3/auth/projects')).projects
  const projectId = chosen(place.regions, keptPlace().projectId, session.user?.project_id)
  await chooseRegion(projectId, keptPlace().instanceId)
}

export async function chooseRegion(projectId: string, instanceId?: string) {
  place.projectId = projectId
  place.instanceId = ''
  const found = projectId ? (await get('/v2/{project_id}/apigw/instances')).instances : []
  place.gateways = found.sort((a, b) => Number(a.create_time) - Number(b.create_time) || a.instance_name.localeCompare(b.instance_name))
  place.instanceId = chosen(place.gateways, instanceId, undefined)
  keepPlace()
}

export function chooseGateway(instanceId: string) {
  place.instanceId = instanceId
  keepPlace()
}
