import { Connection } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  { path: '/apis', name: 'apis', component: () => import('./ApiList.vue'), navigation: { order: 30, label: 'apis', icon: Connection } },
  { path: '/apis/new', name: 'api-new', component: () => import('./ApiWizard.vue') },
  { path: '/apis/:apiId', name: 'api', component: () => import('./ApiDetails.vue') },
  { path: '/apis/:apiId/edit', name: 'api-edit', component: () => import('./ApiWizard.vue') },
] satisfies PageEntry[]
