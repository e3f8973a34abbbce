/* The one way to the management API: project and gateway filled in, CSRF token sent, refusals thrown, step-up asked for and the call repeated. */
import { place } from '@/place/place'
import { noteUse, sessionEnded, session } from '@/session/session'
import { refusalOf, Refusal } from './refusal'
import { GivenUp, proveAgain, wantsStepUp } from './step-up'
import type { AnswerOf, Asked, Method, PathOf } from './types'

/** What stands before every path of a gateway, and of a project. */
export const GATEWAY = '/v2/{project_id}/apigw/instances/{instance_id}'
export const PROJECT = '/v2/{project_id}/apigw'

type Given = {
  ids?: Record<string, string | undefined>
  query?: Record<string, unknown>
  body?: unknown
  signal?: AbortSignal
}

function fillPath(path: string, ids: Record<string, string | undefined>) {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const id = ids[name] ?? (name === 'project_id' ? place.projectId : name === 'instance_id' ? place.instanceId : '')
    if (!id) throw new Error(`no ${name} for ${path}`)
    return encodeURIComponent(id)
  })
}

function queryText(query: Record<string, unknown>) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString()
  return text ? `?${text}` : ''
}

async function send(method: Method, target: string, given: Given, stepUp: string) {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (given.body !== undefined) headers['Content-Type'] = 'application/json'
  if (method !== 'get' && session.csrf) headers['X-CSRF-Token'] = session.csrf
  if (stepUp) headers['X-Step-Up'] = stepUp
  return fetch(target, {
    method: method.toUpperCase(),
    headers,
    credentials: 'same-origin',
    cache: 'no-store',
    body: given.body === undefined ? undefined : JSON.stringify(given.body),
    signal: given.signal,
  })
}

/* Codes that say the session is no more; a wrong password is a 401 too. */
const SESSION_ENDED = ['APIG.1001', 'APIG.1002', 'APIG.1000', 'IAM.0066', 'IAM.0067', 'IAM.0001']

async function refuse(answer: Response): Promise<never> {
  const refusal = await refusalOf(answer)
  if (session.user && refusal.status === 401 && SESSION_ENDED.includes(refusal.code)) sessionEnded('ended')
  throw refusal
}

/** The object of a step-up is the last id of the path, else the gateway, else the project, else the user. */
function objectOf(path: string, ids: Record<string, string | undefined>) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '')
  const last = names.at(-1)
  if (!last) return session.user?.id ?? ''
  return ids[last] ?? (last === 'instance_id' ? place.instanceId : place.projectId)
}

/** The answer itself, for what is no JSON (an export). */
export async function callRaw(method: Method, path: string, given: Given = {}): Promise<Response> {
  const ids = given.ids ?? {}
  const target = fillPath(path, ids) + queryText(given.query ?? {})
  const page = location.pathname
  const answer = await send(method, target, given, '')
  noteUse(answer.status)
  if (answer.ok) return answer
  if (answer.status !== 403) return refuse(answer)
  const refusal = await refusalOf(answer)
  if (!wantsStepUp(refusal)) throw refusal
  if (location.pathname !== page) throw new GivenUp() // who asked for it has gone elsewhere
  const again = await send(method, target, given, await proveAgain(refusal, objectOf(path, ids)))
  return again.ok ? again : refuse(again)
}

async function call<M extends Method, P extends PathOf<M>>(method: M, path: P, asked: Asked<P, M>): Promise<AnswerOf<P, M>> {
  const answer = await callRaw(method, path, asked as Given)
  if (answer.status === 204) return undefined as AnswerOf<P, M>
  return (await answer.json()) as AnswerOf<P, M>
}

export const get = <P extends PathOf<'get'>>(path: P, asked: Asked<P, 'get'> = {}) => call('get', path, asked)
export const post = <P extends PathOf<'post'>>(path: P, asked: Asked<P, 'post'> = {}) => call('post', path, asked)
export const put = <P extends PathOf<'put'>>(path: P, asked: Asked<P, 'put'> = {}) => call('put', path, asked)
export const remove = <P extends PathOf<'delete'>>(path: P, asked: Asked<P, 'delete'> = {}) => call('delete', path, asked)

export { Refusal }
