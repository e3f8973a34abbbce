/* Who comes to another page is told where he is: the focus goes to its title once that stands, which may be after something was loaded. */
let due = false

export function arrive() {
  due = true
}

export function welcome(title: HTMLElement | null) {
  if (!due || !title) return
  due = false
  if (!document.activeElement?.closest('[role=dialog]')) title.focus({ preventScroll: true })
}
