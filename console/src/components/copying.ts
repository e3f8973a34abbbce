/* Texts to the clipboard and to a file, without any server in between. */

export async function copyText(text: string) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  // Outside a secure context (plain HTTP to another machine) there is only this.
  const area = document.createElement('textarea')
  area.value = text
  area.setAttribute('readonly', '')
  area.className = 'out-of-sight'
  document.body.append(area)
  area.select()
  document.execCommand('copy')
  area.remove()
}

export function saveFile(name: string, content: BlobPart, type = 'text/plain') {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([content], { type }))
  link.download = name
  link.click()
  window.setTimeout(() => {
    URL.revokeObjectURL(link.href)
  }, 1000)
}
