import { Key } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  {
    path: '/signature-keys',
    name: 'signature-keys',
    component: () => import('./KeyList.vue'),
    navigation: { order: 50, label: 'signatureKeys', icon: Key },
  },
  { path: '/signature-keys/:keyId', name: 'signature-key', component: () => import('./KeyDetails.vue') },
] satisfies PageEntry[]
