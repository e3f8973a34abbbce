/* Who is signed in. The cookie is the server's and no script sees it; what a page holds is the CSRF token and when the session ends. */
import { reactive } from 'vue'
import type { AnswerOf } from '@/client/types'
import { refusalOf } from '@/client/refusal'
import { rightsOf, type Grant } from './rights'

type SessionAnswer = AnswerOf<'/console/session', 'get'>
export type User = SessionAnswer['user']
/** Why there is no session any more: what the sign-in page tells. */
export type EndReason = '' | 'idle' | 'expired' | 'ended' | 'signed-out'

const PATH = '/console/session'
/* Spares the question, and its 401, to a browser that never signed in. No secret: only that there may be a cookie. */
const MARK = 'countersign.signed-in'
/* The server notes a use at most once a minute, so that much less is sure. */
const NOTED_SECONDS = 60

export const session = reactive({
  user: null as User | null,
  csrf: '',
  region: '',
  expiresAt: 0,
  idleSeconds: 0,
  usedAt: 0,
  endReason: '' as EndReason,
})

function adopt(answer: SessionAnswer) {
  session.user = answer.user
  session.csrf = answer.csrf_token
  session.region = answer.region
  session.expiresAt = answer.expires_at ? new Date(answer.expires_at).getTime() : 0
  session.idleSeconds = answer.idle_seconds
  session.usedAt = Date.now()
  session.endReason = ''
  localStorage.setItem(MARK, '1')
}

async function ask(method: string, body?: object): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (body) headers['Content-Type'] = 'application/json'
  if (method === 'DELETE') headers['X-CSRF-Token'] = session.csrf
  return fetch(PATH, { method, headers, credentials: 'same-origin', cache: 'no-store', body: body && JSON.stringify(body) })
}

/** Takes up the session of the cookie, if there is one. */
export async function resume() {
  if (!localStorage.getItem(MARK)) return false
  const answer = await ask('GET')
  if (answer.ok) adopt((await answer.json()) as SessionAnswer)
  else if (answer.status === 401) sessionEnded('ended')
  return answer.ok
}

export interface Credentials {
  name: string
  password: string
  domain?: string
  passcode?: string
}

export async function signIn(credentials: Credentials) {
  const answer = await ask('POST', credentials)
  if (!answer.ok) throw await refusalOf(answer)
  adopt((await answer.json()) as SessionAnswer)
}

export async function signOut() {
  const answer = await ask('DELETE')
  if (!answer.ok && answer.status !== 401) throw await refusalOf(answer)
  sessionEnded('signed-out')
}

/** Forgets the session; the router takes the user to the sign-in page, which says why. */
export function sessionEnded(reason: EndReason) {
  session.user = null
  session.csrf = ''
  session.endReason = reason
  localStorage.removeItem(MARK)
}

/** Every answer of the server that knew us puts the idle end off. */
export function noteUse(status: number) {
  if (status !== 401) session.usedAt = Date.now()
}

/** Seconds until the session ends by itself, and which end it will be. */
export function remaining(now: number) {
  const idle = session.idleSeconds - NOTED_SECONDS - (now - session.usedAt) / 1000
  const end = (session.expiresAt - now) / 1000
  return idle < end ? { seconds: idle, reason: 'idle' as const } : { seconds: end, reason: 'expired' as const }
}

/** May the user do this in this gateway? What the server refuses anyway is not offered. */
export function may(right: string, projectId: string, instanceId: string) {
  return rightsOf((session.user?.roles ?? []) as unknown as Grant[], projectId, instanceId).has(right)
}
