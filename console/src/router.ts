/* Pages by address. Without a session every address leads to the sign-in page, and from there back. */
import { watch } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import { resume, session } from '@/session/session'
import { arrive } from '@/shell/arrival'
import { navigation, pages } from '@/shell/registry'

const SIGN_IN = 'sign-in'

export const router = createRouter({
  history: createWebHistory('/console/'),
  routes: [
    { path: '/sign-in', name: SIGN_IN, component: () => import('@/session/SignIn.vue') },
    {
      path: '/',
      component: () => import('@/shell/Shell.vue'),
      children: [
        { path: '', redirect: () => navigation[0]?.path ?? '/sign-in' },
        ...pages.map(({ path, name, component }) => ({ path, name, component, props: true })),
        { path: '/:rest(.*)*', name: 'not-found', component: () => import('@/shell/NotFound.vue') },
      ],
    },
  ],
})

let resumed = false

router.beforeEach(async (to) => {
  if (!resumed) {
    resumed = true
    await resume()
  }
  if (to.name === SIGN_IN) return session.user ? '/' : true
  return session.user ? true : { name: SIGN_IN, query: to.fullPath === '/' ? {} : { to: to.fullPath } }
})

router.afterEach((to, from) => {
  if (from.matched.length > 0 && to.path !== from.path) arrive()
})

// The end of a session, wherever the user is at that moment.
watch(
  () => session.user,
  (user) => {
    const here = router.currentRoute.value
    if (user || here.name === SIGN_IN || here.matched.length === 0) return
    void router.replace({ name: SIGN_IN, query: session.endReason === 'signed-out' ? {} : { to: here.fullPath } })
  },
)
