// Runs in the browser, in a page that holds other pages in frames: measures each of them once all are loaded, and
// leaves what it found as its own text.
addEventListener('load', () => {
  const all = [...document.querySelectorAll('iframe')].map(frame => measure(frame.contentWindow))
  document.body.textContent = `measured ${btoa(unescape(encodeURIComponent(JSON.stringify(all))))} end`
})

/** What is wrong with a page, as sentences, and how much there was to measure. */
function measure(page) {
  const { document: doc, innerWidth: width } = page
  const problems = []
  const near = 0.5
  const all = (selector, from = doc) => [...from.querySelectorAll(selector)]
  const named = element => (element.textContent ?? '').trim().slice(0, 40) || element.outerHTML.slice(0, 60)

  const wide = doc.documentElement.scrollWidth
  if (wide > width) problems.push(`overflow: the page is ${wide} px wide, the window ${width}`)

  const walker = doc.createTreeWalker(doc.body, 4)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement?.closest('title, style') || !node.textContent?.trim()) continue
    const range = doc.createRange()
    range.selectNodeContents(node)
    const outside = [...range.getClientRects()].some(box => box.left < -near || box.right > width + near)
    if (outside) problems.push(`clipped: "${node.textContent.trim().slice(0, 40)}" leaves the window`)
  }
  for (const element of all('body *')) {
    const hides = page.getComputedStyle(element).overflowX !== 'visible' && !element.closest('svg')
    if (hides && element.scrollWidth > element.clientWidth + 1)
      problems.push(`clipped: "${named(element)}" is cut off`)
  }

  for (const chart of all('svg')) {
    const frame = chart.getBoundingClientRect()
    const inside = box =>
      box.left >= frame.left - near &&
      box.right <= frame.right + near &&
      box.top >= frame.top - near &&
      box.bottom <= frame.bottom + near
    for (const bar of all('rect.bar', chart)) {
      const box = bar.getBoundingClientRect()
      if (box.width < near) problems.push(`bar: "${named(bar)}" has no width`)
      if (!inside(box)) problems.push(`bar: "${named(bar)}" leaves its chart`)
    }
    const texts = all('text', chart).map(text => ({ text: named(text), box: text.getBoundingClientRect() }))
    for (const [index, { text, box }] of texts.entries()) {
      if (!inside(box)) problems.push(`clipped: "${text}" leaves its chart`)
      for (const other of texts.slice(index + 1)) {
        const apart =
          box.right <= other.box.left ||
          other.box.right <= box.left ||
          box.bottom <= other.box.top ||
          other.box.bottom <= box.top
        if (!apart) problems.push(`overlap: "${text}" and "${other.text}"`)
      }
    }
  }

  const references = all('a[href]')
  for (const reference of references) {
    const href = reference.getAttribute('href') ?? ''
    if (!href.startsWith('#') || !doc.getElementById(href.slice(1)))
      problems.push(`reference: ${href} leads nowhere`)
  }
  for (const element of all('script, link, [src], [srcset], object, embed'))
    problems.push(`fetch: ${element.outerHTML.slice(0, 60)}`)
  for (const entry of page.performance.getEntriesByType('resource')) problems.push(`fetch: ${entry.name}`)
  return { problems, bars: all('rect.bar').length, references: references.length }
}
