import { User } from '@element-plus/icons-vue'
import type { PageEntry } from '@/shell/page'

export default [
  {
    path: '/users',
    name: 'users',
    component: () => import('./UserList.vue'),
    navigation: { order: 80, label: 'users', icon: User, right: 'read_users' },
  },
  { path: '/users/:userId', name: 'user', component: () => import('./UserDetails.vue') },
  { path: '/account', name: 'account', component: () => import('./OwnAccount.vue') },
] satisfies PageEntry[]
