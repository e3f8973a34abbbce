/* A form: what was typed, whether it is on its way, and what the server refused, at its field where the message names one. */
import { provide, reactive, ref, type InjectionKey } from 'vue'
import { asRefusal, type Refusal } from '@/client/refusal'
import { GivenUp } from '@/client/step-up'

interface Errors {
  errorOf: (name: string) => string
}
export const FORM: InjectionKey<Errors> = Symbol('form')

const ruleOf = (refusal: Refusal) => refusal.rule || refusal.message

/**
 * In the component that holds the form: `const form = useForm(async () => { await post(…) })`; `@submit.prevent="form.submit"`; a
 * FormField whose name is the API's name of the field ("api_key.value") shows its error, <RefusalNotice :refusal="form.refusal" /> the rest.
 */
export function useForm(send: () => Promise<void>) {
  const errors = reactive<Record<string, string>>({})
  const busy = ref(false)
  const refusal = ref<Refusal | null>(null)
  const shown = new Set<string>()

  function clear() {
    for (const name of Object.keys(errors)) Reflect.deleteProperty(errors, name)
    refusal.value = null
  }

  function take(thrown: unknown) {
    if (thrown instanceof GivenUp) return
    const found = asRefusal(thrown)
    if (found.field && shown.has(found.field)) {
      errors[found.field] = ruleOf(found)
      document.getElementById(found.field)?.focus()
    } else refusal.value = found
  }

  /** True when the server took it. */
  async function submit() {
    clear()
    busy.value = true
    try {
      await send()
      return true
    } catch (thrown) {
      take(thrown)
      return false
    } finally {
      busy.value = false
    }
  }

  provide(FORM, {
    errorOf: (name) => {
      shown.add(name)
      return errors[name] ?? ''
    },
  })
  return reactive({ errors, busy, refusal, submit, clear })
}

/** An action without a form: busy while it runs, its refusal kept for a RefusalNotice. */
export function useAction() {
  const busy = ref(false)
  const refusal = ref<Refusal | null>(null)
  async function run(action: () => Promise<unknown>) {
    busy.value = true
    refusal.value = null
    try {
      await action()
      return true
    } catch (thrown) {
      if (!(thrown instanceof GivenUp)) refusal.value = asRefusal(thrown)
      return false
    } finally {
      busy.value = false
    }
  }
  return reactive({ busy, refusal, run })
}
