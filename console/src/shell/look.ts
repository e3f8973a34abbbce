/* Light, dark, or as the system has it. */
import { ref, watchEffect } from 'vue'

export type Look = 'system' | 'light' | 'dark'
const KEPT = 'countersign.look'
const system = window.matchMedia('(prefers-color-scheme: dark)')
const kept = localStorage.getItem(KEPT)

export const look = ref<Look>(kept === 'light' || kept === 'dark' ? kept : 'system')
const systemIsDark = ref(system.matches)
system.addEventListener('change', (event) => {
  systemIsDark.value = event.matches
})

export function choose(wanted: Look) {
  look.value = wanted
  localStorage.setItem(KEPT, wanted)
}

watchEffect(() => {
  const dark = look.value === 'dark' || (look.value === 'system' && systemIsDark.value)
  document.documentElement.classList.toggle('dark', dark)
})
