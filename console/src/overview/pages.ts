import { Odometer } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  {
    path: '/overview',
    name: 'overview',
    component: () => import('./Overview.vue'),
    navigation: { order: 10, label: 'overview', icon: Odometer },
  },
] satisfies PageEntry[]
