import type { ItemResult } from '@/components/ResultPanel.vue'

/** What a list of authorisations shows of each; apps and consumers have calls of their own for them. */
export interface Authorisation {
  id: string
  api_name: string
  env_name: string
  group_name: string
  end_time?: string | null
}

/** What is asked for: these APIs in an environment, until `end_time` if there is one. */
export interface Wanted {
  env_id: string
  api_ids: string[]
  end_time?: string
}

const outcomes: Record<string, ItemResult['outcome']> = { SUCCESS: 'done', SKIPPED: 'skipped' }
/** The API's word for what became of one. */
export const outcomeOf = (status: string | undefined) => outcomes[status ?? ''] ?? 'failed'
