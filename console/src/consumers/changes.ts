import { GATEWAY, put, remove } from '@/client/client'
import type { Consumer } from './types'

export const switchConsumer = ({ id, enabled }: Consumer) =>
  put(`${GATEWAY}/consumers/{consumer_id}`, { ids: { consumer_id: id }, body: { enabled: !enabled } })

export const removeConsumer = ({ id }: Consumer) => remove(`${GATEWAY}/consumers/{consumer_id}`, { ids: { consumer_id: id } })
