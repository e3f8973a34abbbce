/* What the management API answers instead of what was asked for. */

interface ErrorBody {
  error_code?: string
  error_msg?: string
  request_id?: string
}

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string,
  ) {
    super(message)
    this.name = 'Refusal'
  }

  /** The field that the message names ("req_params[2].name"), or empty. */
  get field() {
    return /parameterName:\s*([A-Za-z0-9_.[\]]+?)(?:\.\s|\.?$)/.exec(this.message)?.[1] ?? ''
  }

  /** The rule that the field breaks, where the message says one. */
  get rule() {
    return /The rule: (.*)$/.exec(this.message)?.[1] ?? ''
  }

  /** Stored, but not yet in effect: the change is there, and repeating the call would make it twice. */
  get isStored() {
    return this.code === 'APIG.9998'
  }
}

/** Of an answer that is not 2xx. */
export async function refusalOf(answer: Response): Promise<Refusal> {
  const text = await answer.text()
  let body: ErrorBody = {}
  try {
    body = JSON.parse(text) as ErrorBody
  } catch {
    // nginx's own page, when the daemon is away
  }
  const requestId = body.request_id ?? answer.headers.get('X-Request-Id') ?? ''
  return new Refusal(answer.status, body.error_code ?? '', body.error_msg ?? answer.statusText, requestId)
}

/** Anything thrown, as a refusal: without an answer there is neither status nor code. */
export function asRefusal(thrown: unknown) {
  return thrown instanceof Refusal ? thrown : new Refusal(0, '', thrown instanceof Error ? thrown.message : String(thrown), '')
}
