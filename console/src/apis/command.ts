/* A call of an API as a command of a shell. Whatever a name holds stays inside its quotes. */
import { type Api, RELEASE } from './types'

export interface Call {
  domain: string
  stage: string
  proof: 'sign' | 'key' | 'code'
  values: Record<string, string>
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

export function urlOf(api: Api, call: Call) {
  const path = api.req_uri.replace(/\{([^{}]*)\}/g, (_, name: string) => encodeURIComponent(call.values[name] || name))
  return `${api.req_protocol === 'HTTPS' ? 'https' : 'http'}://${call.domain}${path}`
}

export function commandOf(api: Api, call: Call) {
  const method = api.req_method === 'ANY' ? 'GET' : api.req_method
  const stage = call.stage === RELEASE ? '' : ` -H ${quoted(`X-Stage: ${call.stage}`)}`
  const url = quoted(urlOf(api, call))
  if (api.auth_type === 'IAM' || (api.auth_type === 'APP' && call.proof === 'sign')) {
    const key = api.auth_type === 'IAM' ? 'ACCESS_KEY' : 'APP_KEY'
    return `countersign sign --scheme sdk-hmac-sha256 --key ${key} --secret-file SECRET_FILE --method ${method}${stage} ${url}`
  }
  const headers = { key: 'Authorization: Bearer API_KEY', code: 'X-Apig-AppCode: APP_CODE', sign: '' }
  const proof = api.auth_type === 'APP' ? ` -H ${quoted(headers[call.proof])}` : ''
  return `curl -i -X ${method}${stage}${proof} ${url}`
}
