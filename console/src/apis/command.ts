/* A call of an API as a command of a shell. Whatever a name holds stays inside its quotes. */
import { headersOf, type Trial } from './trial'
import { type Api, RELEASE } from './types'

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

export function urlOf(api: Api, call: Trial) {
  const path = api.req_uri.replace(/\{([^{}]*)\}/g, (_, name: string) => encodeURIComponent(call.values[name] || name)) + call.suffix
  const inQuery = call.proof === 'api-key' && call.source === 'QUERY' ? `${encodeURIComponent(call.keyName)}=API_KEY` : ''
  const query = [call.query, inQuery].filter(Boolean).join('&')
  return `${api.req_protocol === 'HTTPS' ? 'https' : 'http'}://${call.domain}${path}${query && `?${query}`}`
}

function keyHeader(call: Trial) {
  if (call.proof === 'app-code') return 'X-Apig-AppCode: APP_CODE'
  if (call.proof !== 'api-key' || call.source === 'QUERY') return ''
  return call.source === 'HEADER' ? `${call.keyName}: API_KEY` : 'Authorization: Bearer API_KEY'
}

export function commandOf(api: Api, call: Trial) {
  const method = api.req_method === 'ANY' ? call.method : api.req_method
  const stage = call.stage === RELEASE ? '' : `X-Stage: ${call.stage}`
  const own = headersOf(call.headers).map(({ name, value }) => `${name}: ${value}`)
  const headers = [stage, ...own, keyHeader(call)].filter(Boolean).map((line) => ` -H ${quoted(line)}`)
  const url = quoted(urlOf(api, call))
  if (call.proof === 'sdk-hmac-sha256' || call.proof === 'aliyun-ca') {
    const key = call.key ? quoted(call.key) : api.auth_type === 'IAM' ? 'ACCESS_KEY' : 'APP_KEY'
    const body = call.body ? ' --body-file BODY_FILE' : ''
    return `countersign sign --scheme ${call.proof} --key ${key} --secret-file SECRET_FILE --method ${method}${headers.join('')}${body} ${url}`
  }
  const body = call.body ? ` --data-binary ${quoted(call.body)}` : ''
  return `curl -i -X ${method}${headers.join('')}${body} ${url}`
}
