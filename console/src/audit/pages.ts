import { Notebook } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  {
    path: '/audit',
    name: 'audit',
    component: () => import('./AuditList.vue'),
    navigation: { order: 90, label: 'audit', icon: Notebook, right: 'read_audit' },
  },
] satisfies PageEntry[]
