import { Grid } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  { path: '/apps', name: 'apps', component: () => import('./AppList.vue'), navigation: { order: 60, label: 'apps', icon: Grid } },
  { path: '/apps/:appId', name: 'app', component: () => import('./AppDetails.vue') },
] satisfies PageEntry[]
