/* A dialog stays while what it began is under way: what was sent is not taken back by closing it, and what comes of it (a code that is asked
 * for, a refusal) would appear out of nowhere. A busy button is disabled and loses the focus; it gets it back when it was refused. */
import { nextTick, ref, watch, type Ref } from 'vue'
import type { ElButton } from 'element-plus'

/** `const { button, close } = useHeld(open, () => work.busy)`; `:before-close="close"` on the dialog, `ref="button"` on what sends. */
export function useHeld(open: Ref<boolean>, busy: () => boolean) {
  const button = ref<InstanceType<typeof ElButton> | null>(null)

  watch(busy, async (is) => {
    if (is) return
    await nextTick()
    const dialog = button.value?.ref?.closest('[role=dialog]')
    if (open.value && dialog && !dialog.contains(document.activeElement)) button.value?.ref?.focus()
  })

  function close(now: () => void) {
    if (!busy()) now()
  }
  return { button, close }
}
