import { UserFilled } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  {
    path: '/consumers',
    name: 'consumers',
    component: () => import('./ConsumerList.vue'),
    navigation: { order: 70, label: 'consumers', icon: UserFilled },
  },
  { path: '/consumers/:consumerId', name: 'consumer', component: () => import('./ConsumerDetails.vue') },
] satisfies PageEntry[]
