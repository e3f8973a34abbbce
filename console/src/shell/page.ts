/* How an area of the console registers its pages: a file <area>/pages.ts whose default export is a list of these. The router and the
 * navigation find it by its name, so no shared file changes when an area comes or goes. */
import type { Component } from 'vue'
import type en from './en'

export interface PageEntry {
  /** "/consumers"; parts with a colon are parameters. */
  path: string
  name: string
  component: () => Promise<unknown>
  /** An entry of the navigation; without one the page is reached from another. */
  navigation?: {
    /** Where it stands: the order of the console's main entries is that of `order`. */
    order: number
    label: keyof typeof en
    icon: Component
    /** The right without which it is not offered (session/rights.ts). */
    right?: string
  }
}
