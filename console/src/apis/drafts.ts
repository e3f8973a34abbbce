/* What was typed about an API, and the body that is made of it. What the wizard does not ask for stays as it was. */
import type { Api, ApiBody, methods, origins, places } from './types'

type Method = (typeof methods)[number]
type Place = (typeof places)[number]
interface RequestParameter {
  name: string
  type: 'STRING' | 'NUMBER'
  location: Place
  remark: string
}
interface BackendParameter {
  origin: (typeof origins)[number]
  name: string
  location: Place
  value: string
}

export const newDraft = () => ({
  name: '',
  group: '',
  remark: '',
  tags: '',
  protocol: 'BOTH' as 'HTTP' | 'HTTPS' | 'BOTH',
  method: 'GET' as Method,
  path: '/',
  match: 'NORMAL' as 'NORMAL' | 'SWA',
  auth: 'APP' as 'APP' | 'NONE' | 'IAM',
  appCode: 'DISABLE' as 'DISABLE' | 'HEADER' | 'HEADER_QUERY',
  cors: false,
  backend: 'HTTP' as 'HTTP' | 'MOCK',
  authority: '',
  backendProtocol: 'HTTP' as 'HTTP' | 'HTTPS',
  backendMethod: 'GET' as Method,
  backendPath: '/',
  timeout: 5000,
  mock: '',
  requestParameters: [] as RequestParameter[],
  backendParameters: [] as BackendParameter[],
})
export type Draft = ReturnType<typeof newDraft>

export const newRequestParameter = (): RequestParameter => ({ name: '', type: 'STRING', location: 'QUERY', remark: '' })
export const newBackendParameter = (): BackendParameter => ({ origin: 'CONSTANT', name: '', location: 'HEADER', value: '' })

/* What an API was made without, its answer leaves out. */
const listOf = <Item>(list: Item[] | null | undefined) => list ?? []

function backendDraft(api: Api) {
  if (api.backend_type === 'MOCK' || !api.backend_api) return {}
  const { url_domain, req_protocol, req_method, req_uri, timeout } = api.backend_api
  return { authority: url_domain ?? '', backendProtocol: req_protocol, backendMethod: req_method, backendPath: req_uri, timeout }
}

export function draftOf(api: Api): Draft {
  return {
    ...newDraft(),
    name: api.name,
    group: api.group_id,
    remark: api.remark,
    tags: listOf(api.tags).join(', '),
    protocol: api.req_protocol,
    method: api.req_method,
    path: api.req_uri,
    match: api.match_mode,
    auth: api.auth_type,
    appCode: api.auth_opt?.app_code_auth_type ?? 'DISABLE',
    cors: api.cors === true,
    backend: api.backend_type,
    ...backendDraft(api),
    mock: api.mock_info?.result_content ?? '',
    requestParameters: listOf(api.req_params).map((one) => ({ ...one })),
    backendParameters: listOf(api.backend_params).map((one) => ({ ...one })),
  } as Draft
}

export const pathNames = (path: string) => [...path.matchAll(/\{([^{}]*)\}/g)].map((found) => found[1] ?? '')
export const tagsOf = (text: string) =>
  text
    .split(',')
    .map((tag) => tag.trim())
    .filter(Boolean)

/* Each {name} of the path is a parameter of it, whether it was described or not. */
function requestParameters(draft: Draft) {
  const described = draft.requestParameters.filter(({ name }) => name)
  const known = described.filter(({ location }) => location === 'PATH').map(({ name }) => name)
  const missing = pathNames(draft.path).filter((name) => !known.includes(name))
  return [...described, ...missing.map((name) => ({ ...newRequestParameter(), name, location: 'PATH' as const }))]
}

function backendOf(draft: Draft, before: Api | null) {
  if (draft.backend === 'MOCK') return { mock_info: { result_content: draft.mock } }
  const { retry_count, enable_client_ssl } = before?.backend_type === 'HTTP' && before.backend_api ? before.backend_api : {}
  return {
    backend_api: {
      ...(retry_count ? { retry_count } : {}),
      ...(enable_client_ssl ? { enable_client_ssl } : {}),
      url_domain: draft.authority.trim(),
      req_protocol: draft.backendProtocol,
      req_method: draft.backendMethod,
      req_uri: draft.backendPath.trim(),
      timeout: draft.timeout,
    },
    backend_params: draft.backendParameters.filter(({ name }) => name),
  }
}

const kept = ['version', 'body_remark', 'result_normal_sample', 'result_failure_sample', 'content_type', 'countersign'] as const

export function bodyOf(draft: Draft, before: Api | null): ApiBody {
  const rest = Object.fromEntries(kept.filter((name) => before?.[name]).map((name) => [name, before?.[name]]))
  return {
    ...rest,
    name: draft.name.trim(),
    group_id: draft.group,
    type: before?.type ?? 1,
    remark: draft.remark,
    tags: tagsOf(draft.tags),
    req_protocol: draft.protocol,
    req_method: draft.method,
    req_uri: draft.path.trim(),
    match_mode: draft.match,
    auth_type: draft.auth,
    ...(draft.auth === 'APP' ? { auth_opt: { app_code_auth_type: draft.appCode } } : {}),
    cors: draft.cors,
    backend_type: draft.backend,
    req_params: requestParameters(draft),
    ...backendOf(draft, before),
  } as ApiBody
}
