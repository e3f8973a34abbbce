/* Step-up: before some actions the user proves once more who he is. One dialog for all of them; the client repeats the call. */
import { reactive } from 'vue'
import { Refusal } from './refusal'

/* "APIG.3961", and under /v3 "IAM.3961". */
export const wantsStepUp = (refusal: Refusal) => refusal.code.endsWith('.3961')

interface Challenge {
  action: string
  objectId: string
  granted: (id: string) => void
  given_up: () => void
}

/** What the dialog shows; null when nothing is asked. */
export const stepUp = reactive<{ challenge: Challenge | null }>({ challenge: null })

/** Thrown when the user closes the dialog: nothing to report to anybody. */
export class GivenUp extends Refusal {
  constructor() {
    super(0, '', '', '')
    this.name = 'GivenUp'
  }
}

/** The id of a granted step-up. The refusal ends with the action that it wants proved. */
export function proveAgain(refusal: Refusal, objectId: string) {
  const action = /for (\w+)\.?$/.exec(refusal.message)?.[1]
  if (!action) throw refusal
  return new Promise<string>((resolve, reject) => {
    stepUp.challenge = {
      action,
      objectId,
      granted: resolve,
      given_up: () => {
        reject(new GivenUp())
      },
    }
  })
}
