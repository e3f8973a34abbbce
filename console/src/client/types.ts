/* Types of calls and answers, out of the API's own description (schema.d.ts is written by `make console`). */
import type { paths } from './schema'

export type Method = 'get' | 'post' | 'put' | 'delete'

/** Paths that know this method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends { responses: unknown } ? P : never
}[keyof paths]

type Operation<P extends keyof paths, M extends Method> = paths[P][M]

type Placed = 'project_id' | 'instance_id'
type OwnIds<T> = T extends { parameters: { path: infer Ids } } ? Omit<Ids, Placed> : object
type QueryOf<T> = T extends { parameters: { query?: infer Query } } ? Exclude<Query, undefined> : never
export type BodyOf<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { requestBody?: { content: { 'application/json': infer Body } } } ? Body : never

/** The answers' fields are always there, except a secret, which is there once; a list may be empty, but is one. */
export type Answered<T> = [Extract<T, unknown[]>] extends [never]
  ? T extends object
    ? { [K in keyof T]-?: Answered<T[K]> }
    : T
  : Answered<Extract<T, unknown[]>[number]>[]
type Success<T> = T extends { responses: infer Answers }
  ? { [S in keyof Answers & (200 | 201 | 202)]: Answers[S] }[keyof Answers & (200 | 201 | 202)]
  : never
export type AnswerOf<P extends keyof paths, M extends Method> =
  Success<Operation<P, M>> extends { content: { 'application/json': infer Body } } ? Answered<Body> : undefined

export type Asked<P extends keyof paths, M extends Method> = {
  /** The ids of the path, without project and gateway: those are where the user is. */
  ids?: OwnIds<Operation<P, M>>
  query?: QueryOf<Operation<P, M>>
  body?: BodyOf<P, M>
  signal?: AbortSignal
}

/** One item of a list: ItemOf<`${typeof GATEWAY}/envs`, 'envs'>. */
export type ItemOf<P extends keyof paths, Name extends string> = AnswerOf<P, 'get'> extends Record<Name, (infer Item)[]> ? Item : never
