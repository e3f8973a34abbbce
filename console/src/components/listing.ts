/* A list that the server pages and searches: only what is shown is loaded, however many there are. */
import { onMounted, reactive, watch } from 'vue'
import { asRefusal, type Refusal } from '@/client/refusal'

export interface Page {
  offset: number
  limit: number
  search: string
}
export interface Loaded<Item> {
  items: Item[]
  total: number
}

export interface Column {
  key: string
  label: string
  /** Left out on a narrow screen. */
  minor?: boolean
  align?: 'end'
}

const SEARCH_PAUSE_MS = 250

export function useListing<Item>(load: (page: Page) => Promise<Loaded<Item>>, size = 20) {
  const listing = reactive({
    items: [] as Item[],
    total: 0,
    page: 1,
    size,
    search: '',
    busy: false,
    loaded: false,
    refusal: null as Refusal | null,
  })
  let asked = 0
  let pause = 0

  async function reload() {
    const mine = ++asked
    listing.busy = true
    listing.refusal = null
    try {
      const found = await load({ offset: (listing.page - 1) * listing.size, limit: listing.size, search: listing.search.trim() })
      if (mine !== asked) return
      listing.items = found.items as typeof listing.items
      listing.total = found.total
      listing.loaded = true
    } catch (thrown) {
      if (mine === asked) listing.refusal = asRefusal(thrown)
    } finally {
      if (mine === asked) listing.busy = false
    }
    // The last one of the last page is gone: the page before it.
    if (mine === asked && listing.items.length === 0 && listing.page > 1 && !listing.refusal) listing.page -= 1
  }

  function restart() {
    if (listing.page === 1) void reload()
    else listing.page = 1
  }

  watch(
    () => listing.search,
    () => {
      window.clearTimeout(pause)
      pause = window.setTimeout(restart, SEARCH_PAUSE_MS)
    },
  )
  watch(() => [listing.page, listing.size], reload)
  onMounted(reload)
  return Object.assign(listing, { reload, restart })
}
