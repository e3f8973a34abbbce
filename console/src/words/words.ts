/* The words of the console in each language. Every area keeps its own two files, en.ts and zh-CN.ts, and makes its `t` of them here. */
import en from 'element-plus/es/locale/lang/en'
import zhCn from 'element-plus/es/locale/lang/zh-cn'
import { computed, ref, watchEffect } from 'vue'

export type Language = 'en' | 'zh-CN'
export const languages: Record<Language, string> = { en: 'English', 'zh-CN': '简体中文' }

const KEPT = 'countersign.language'

function preferred(): Language {
  const kept = localStorage.getItem(KEPT)
  if (kept === 'en' || kept === 'zh-CN') return kept
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}

export const language = ref<Language>(preferred())

export function speak(wanted: Language) {
  language.value = wanted
  localStorage.setItem(KEPT, wanted)
}

watchEffect(() => {
  document.documentElement.lang = language.value
})

/** The words that Element Plus itself says. */
export const componentWords = computed(() => (language.value === 'zh-CN' ? zhCn : en))

export type Values = Record<string, string | number>

function fill(text: string, values?: Values) {
  return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text
}

/** `t('key')` in the language of the moment, `{name}` in a text replaced by values.name. Keys are checked by the compiler. */
export function words<Key extends string>(english: Record<Key, string>, chinese: Record<Key, string>) {
  const tables: Record<Language, Record<Key, string>> = { en: english, 'zh-CN': chinese }
  return (key: Key, values?: Values) => fill(tables[language.value][key] ?? '', values)
}
