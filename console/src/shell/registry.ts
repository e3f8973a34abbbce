import type { PageEntry } from './page'

const found = import.meta.glob<PageEntry[]>('../*/pages.ts', { eager: true, import: 'default' })

export const pages = Object.values(found).flat()
export const navigation = pages
  .flatMap((page) => (page.navigation ? [{ ...page.navigation, path: page.path, name: page.name }] : []))
  .sort((a, b) => a.order - b.order)
