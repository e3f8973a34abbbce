import { Setting } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  {
    path: '/settings',
    name: 'settings',
    component: () => import('./SettingsPage.vue'),
    navigation: { order: 110, label: 'settings', icon: Setting },
  },
] satisfies PageEntry[]
