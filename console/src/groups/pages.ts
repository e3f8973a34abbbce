import { Collection } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  {
    path: '/groups',
    name: 'groups',
    component: () => import('./GroupList.vue'),
    navigation: { order: 20, label: 'groups', icon: Collection },
  },
  { path: '/groups/:groupId', name: 'group', component: () => import('./GroupDetails.vue') },
] satisfies PageEntry[]
