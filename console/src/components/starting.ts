/* What a form begins with comes from the server. Until it is there the form is not shown: what is typed before would be overwritten. */
import { onMounted, reactive, watch, type Ref } from 'vue'
import { asRefusal, type Refusal } from '@/client/refusal'

export interface Start {
  ready: boolean
  refusal: Refusal | null
}

/**
 * `const start = useStart(async () => { given.name = (await get(…)).name })`, and in the template `<form v-if="start.ready">`; of a panel
 * `useStart(load, open)` and `<SidePanel :start="start">`: then again each time that it opens. Only the last of several loads counts.
 */
export function useStart(load: () => Promise<void>, open?: Ref<boolean>): Start {
  const start = reactive<Start>({ ready: false, refusal: null })
  let asked = 0

  async function begin() {
    const mine = ++asked
    Object.assign(start, { ready: false, refusal: null })
    try {
      await load()
      if (mine === asked) start.ready = true
    } catch (thrown) {
      if (mine === asked) start.refusal = asRefusal(thrown)
    }
  }

  if (open) watch(open, (is) => is && begin())
  else onMounted(begin)
  return start
}
