import { Files } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  {
    path: '/environments',
    name: 'environments',
    component: () => import('./EnvironmentList.vue'),
    navigation: { order: 40, label: 'environments', icon: Files },
  },
] satisfies PageEntry[]
