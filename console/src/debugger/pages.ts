import { MagicStick } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  {
    path: '/debugger',
    name: 'debugger',
    component: () => import('./Debugger.vue'),
    navigation: { order: 100, label: 'debugger', icon: MagicStick },
  },
] satisfies PageEntry[]
