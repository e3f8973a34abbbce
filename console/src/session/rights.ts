/* Which rights a role gives: the server's table (docs/operate/users.md) once more, to offer only what it allows. The server decides. */

export interface Grant {
  role: string
  project_id?: string
  instance_id?: string
}

const given: Record<string, string[]> = {
  administrator: ['read', 'write', 'write_apis', 'write_apps', 'read_audit', 'read_users', 'write_users', 'call'],
  operator: ['read', 'write', 'write_apis', 'write_apps', 'call'],
  auditor: ['read', 'read_audit', 'read_users'],
  api_owner: ['read', 'write_apis', 'call'],
  app_owner: ['read', 'write_apps'],
  api_caller: ['call'],
}
export const roles = Object.keys(given)

const ofDomain = (right: string) => right.endsWith('_users')

/* An empty part of a grant covers everything; rights on users need the role in the whole domain. */
function covers(grant: Grant, right: string, projectId: string, instanceId: string) {
  if (ofDomain(right)) return !grant.project_id && !grant.instance_id
  return (!grant.project_id || grant.project_id === projectId) && (!grant.instance_id || grant.instance_id === instanceId)
}

export function rightsOf(grants: Grant[], projectId: string, instanceId: string) {
  const rights = new Set<string>()
  for (const grant of grants) {
    for (const right of given[grant.role] ?? []) if (covers(grant, right, projectId, instanceId)) rights.add(right)
  }
  return rights
}
