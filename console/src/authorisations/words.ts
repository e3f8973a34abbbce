import { words } from '@/words/words'
import en from './en'
import zhCn from './zh-CN'

export const t = words(en, zhCn)
