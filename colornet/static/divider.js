// A divider between two pictures of one size, and hints: colours given by hand. Neither needs a framework; `render` shows both as
// an anywidget, which may import nothing, so that all of it is here.

// An element: h('p', {class: 'note'}, 'text', child, ...)
export function h(tag, attrs = {}, ...children) {
  const el = document.createElement(tag)
  for (const [k, v] of Object.entries(attrs)) {
    if (k.startsWith('on')) el.addEventListener(k.slice(2), v)
    else if (v === true) el.setAttribute(k, '')
    else if (v !== false && v != null) el.setAttribute(k, v)
  }
  el.append(...children)
  return el
}

// Words in another language. The table is that of `colornet.words`, English first, with {} for gaps; a text is looked up as a whole,
// then with its gaps, then in parts, as `colornet.words.local` does it.
export function words(table) {
  const letters = /[A-Za-z]{2}/, plain = text => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const said = key => key.replaceAll('{}', '').length
  const gaps = Object.keys(table).filter(key => key.includes('{}')).sort((a, b) => said(b) - said(a) || (a < b ? 1 : -1))
    .map(key => [RegExp(`^${key.split('{}').map(plain).join('(.+?)')}$`, 's'), table[key], /^\{\}: (.*;|[A-Z])/s.test(key)])
  function find(text) {
    if (Object.hasOwn(table, text)) return table[text]
    for (const [pattern, to, named] of gaps) {  // an error begins with the name of a file
      const found = pattern.exec(text), fill = i => named && !i ? found[1] : local(found[1 + i])
      let i = 0
      if (found) return to.replace(/\{(\d*)\}/g, (_, n) => fill(n === '' ? i++ : +n))
    }
    const parts = text.split(/(: |, |; |\n)/), others = parts.length > 1 ? parts.map(local) : [text]
    return others.every((o, i) => o !== parts[i] || !letters.test(o)) ? others.join('') : null
  }
  function local(text) {
    const core = text.trim(), found = letters.test(core) ? find(core) : null
    return found === null ? text : text.replace(core, () => found)
  }
  return local
}

// Keep all that an element says, now and later, in the language of a table
export function speak(el, table) {
  const local = words(table), names = ['aria-label', 'aria-valuetext', 'title', 'alt', 'placeholder']
  const put = (was, set) => { if (local(was) !== was) set(local(was)) }
  function say(node) {
    if (node.nodeType === Node.TEXT_NODE) return put(node.data, text => node.data = text)
    for (const name of names) if (node.hasAttribute?.(name)) put(node.getAttribute(name), text => node.setAttribute(name, text))
    node.childNodes.forEach(say)
  }
  const hear = changes => changes.forEach(({type, target, addedNodes}) => type === 'childList' ? addedNodes.forEach(say) : say(target))
  new MutationObserver(hear).observe(el, {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: names})
  say(el)
  return local
}

// On a page in another language, keep what an element says in that language; gives what puts a text into it
export async function inLanguage(el) {
  const lang = document.documentElement.lang.slice(0, 2)
  return lang === 'zh' ? speak(el, await (await fetch(new URL(`${lang}.json`, import.meta.url))).json()) : text => text
}

export function divider(el, {label = 'Share of the picture that is still gray', drop = null} = {}) {
  el.classList.add('colornet-divider')
  el.innerHTML = `<div class="colornet-stage" data-lm-suppress-shortcuts="true">
    <img class="colornet-after" alt="in colour"><img class="colornet-before" alt="in gray">
    <div class="colornet-line" aria-hidden="true"></div>
    <input type="range" min="0" max="100" value="50" step="1">
  </div>`
  const stage = el.firstElementChild
  const [after, before, line, range] = stage.children
  range.setAttribute('aria-label', label)
  const move = () => {
    before.style.clipPath = `inset(0 ${100 - range.value}% 0 0)`
    line.style.left = `${range.value}%`
    range.setAttribute('aria-valuetext', `${range.value} % gray`)
  }
  range.addEventListener('input', move)
  range.addEventListener('keydown', e => e.stopPropagation())
  const set = (img, src) => {
    if (img.src.startsWith('blob:')) URL.revokeObjectURL(img.src)
    if (src) img.src = src
    else img.removeAttribute('src')
    stage.classList.toggle('colornet-empty', !after.getAttribute('src'))
  }
  if (drop) {
    const over = on => e => { e.preventDefault(); stage.classList.toggle('colornet-over', on) }
    stage.addEventListener('dragover', over(true))
    stage.addEventListener('dragleave', over(false))
    stage.addEventListener('drop', e => {
      over(false)(e)
      drop([...e.dataTransfer.files])
    })
  }
  set(after, '')
  move()
  return {
    show: (gray, colour) => { set(before, gray); set(after, colour) },
    get at() { return +range.value },
    set at(x) { range.value = x; move() },
  }
}

const most = 1000  // Hints; a hand does not make more

// Hints in the text of a file, for a photo of that size; an error that says what to do
export function readHints(text, name, [w, h]) {
  const no = why => { throw Error(`${name}: ${why}`) }, number = x => typeof x === 'number' && isFinite(x)
  let said
  try { said = JSON.parse(text) } catch {}
  const size = said?.size, usual = Math.max(1, Math.min(w, h) / 100)
  if (said?.colornet !== 'hints 1' || !Array.isArray(said.hints) || !Array.isArray(size) || !size.every(x => number(x) && x > 0)
    || size.length !== 2) no('holds no hints; save some in the app or on the page')
  const k = w / size[0]
  if (Math.abs(h / size[1] - k) >= .02 * k) {
    no(`is for a photo of ${size.join(' x ')} pixels, and this one has ${w} x ${h}; give the right one`)
  }
  if (said.hints.length > most) no(`are ${said.hints.length} hints; give ${most} at most`)
  return said.hints.map((hint, i) => {
    const [x, y, color, r] = Array.isArray(hint) ? hint : [hint?.x, hint?.y, hint?.color, hint?.radius]
    if (!number(x) || !number(y) || !/^#[0-9a-f]{6}$/i.test(color) || !(r == null || number(r))) {
      no(`hint ${i + 1} is ${JSON.stringify(hint)}; write it as x, y, a colour such as '#2f6b3a', and a radius if you like`)
    }
    const out = {x: x * k, y: y * k, color: color.toLowerCase(), radius: r == null ? usual : r * k}
    if (out.x >= 0 && out.x < w && out.y >= 0 && out.y < h && out.radius > 0 && out.radius <= Math.max(w, h)) return out
    no(`hint ${i + 1} at ${x}, ${y} is not in a photo of ${size.join(' x ')} pixels; move it`)
  })
}

// Colours given by hand, over a divider's picture. `likely(x, y)` promises [{color, share}] for a pixel of the photo,
// `changed(hints)` is to draw the picture anew, and `tell(line)` says what went wrong, or takes it away. Hints speak of the
// photo's pixels.
export function hinting(el, view, {likely, changed, tell}) {
  const stage = el.querySelector('.colornet-stage'), button = (words, onclick) => h('button', {type: 'button', onclick}, words)
  let size = [1, 1], name = '', photo = 0, hints = [], past = [], last = '', spot = [0, 0], chosen = -1, asked = 0, drags = 0
  let later, soon, was

  const toggle = button('Hints', () => turn(!on()))
  const undo = button('Undo', back), clear = button('Remove all', () => change([], 'All hints removed'))
  const save = button('Save hints', () => download(`${name}-hints.json`, new TextEncoder().encode(write())))
  const load = button('Load hints', () => file.click())
  const file = h('input', {type: 'file', accept: '.json,application/json', hidden: true, 'aria-label': 'file of hints',
    onchange: () => read(file.files[0])})
  const said = h('span', {class: 'colornet-said', 'aria-live': 'polite'})
  const more = h('span', {class: 'colornet-more', hidden: true}, undo, clear, save, load, file)
  const cross = h('div', {class: 'colornet-cross', tabindex: 0, role: 'slider', 'aria-valuemin': 0, 'aria-valuemax': 100,
    'aria-label': 'Spot for a hint; arrow keys move it, Enter goes to its colours'})
  const layer = h('div', {class: 'colornet-hints', hidden: true}, cross)
  const title = h('strong'), swatches = h('span', {class: 'colornet-swatches', role: 'group', 'aria-label': 'Likely colours'})
  const picker = h('input', {type: 'color', onchange: () => give(picker.value)})
  const resized = () => { if (chosen >= 0) alter(chosen, {radius: radius()}, 'Hint resized') }
  const wide = h('select', {'aria-label': 'size of the hint', onchange: resized},
    ...[1, 2, 4, 8].map(n => h('option', {value: n}, `${n} %`)))
  const remove = button('Remove', () => drop(chosen))
  const panel = h('div', {class: 'colornet-panel', hidden: true}, title, swatches,
    h('label', {}, 'another colour ', picker), h('label', {}, 'size ', wide), remove)
  el.prepend(h('div', {class: 'colornet-bar'}, toggle, more, said))
  stage.append(layer)
  el.append(panel)
  el.dataset.lmSuppressShortcuts = 'true'  // JupyterLab acts on keys otherwise

  const on = () => !layer.hidden, markers = () => [...layer.querySelectorAll('button')]
  const radius = () => Math.max(1, Math.min(...size) * wide.value / 100)
  const inside = p => p.map((x, i) => Math.min(Math.max(Math.round(x), 0), size[i] - 1))
  const where = p => `${Math.round(p[0])}, ${Math.round(p[1])}`
  const write = () => JSON.stringify({colornet: 'hints 1', size, hints: hints.map(q => ({...q, x: +q.x.toFixed(2),
    y: +q.y.toFixed(2), radius: +q.radius.toFixed(2)}))}, null, 1)
  const at = e => {
    const box = layer.getBoundingClientRect()
    return inside([(e.clientX - box.left) / box.width * size[0] - .5, (e.clientY - box.top) / box.height * size[1] - .5])
  }
  const put = (e, [x, y]) => Object.assign(e.style, {left: `${(x + .5) / size[0] * 100}%`, top: `${(y + .5) / size[1] * 100}%`})
  const step = (e, [x, y]) => {  // Where an arrow key leads
    const d = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[e.key]
    const far = Math.max(1, Math.round(Math.max(...size) / 500)) * (e.shiftKey ? 10 : 1)
    return d && inside([x + d[0] * far, y + d[1] * far])
  }

  // Every change comes through here. Changes with one tag, such as a drag, are one step for Undo, and drawn when the hand rests.
  function change(next, words, tag = '') {
    if (next.length > most) return tell(`${next.length} hints; give ${most} at most`)
    if (!tag || tag !== last) past.push(hints)
    last = tag
    hints = next
    if (chosen >= hints.length) chosen = -1
    tell('')
    draw()
    said.textContent = words
    clearTimeout(later)
    if (tag) later = setTimeout(() => changed(hints), 120)
    else changed(hints)
  }

  function draw() {
    const have = markers()
    for (const m of have.slice(hints.length)) m.remove()
    hints.forEach((q, i) => {
      const m = have[i] || layer.appendChild(marker(i))
      put(m, [q.x, q.y])
      m.style.background = q.color
      m.setAttribute('aria-label', `Hint ${i + 1} of ${hints.length}: ${q.color} at ${where([q.x, q.y])}`)
      m.setAttribute('aria-pressed', i === chosen)
    })
    if (chosen >= 0) {
      spot = [hints[chosen].x, hints[chosen].y]
      picker.value = hints[chosen].color
      wide.value = [1, 2, 4, 8].find(n => Math.abs(hints[chosen].radius / Math.max(1, Math.min(...size) * n / 100) - 1) < .1) || ''
    } else wide.value ||= 1
    put(cross, spot)
    cross.setAttribute('aria-valuenow', Math.round(spot[0] / size[0] * 100))
    cross.setAttribute('aria-valuetext', where(spot))
    title.textContent = `${chosen >= 0 ? `Hint ${chosen + 1}` : 'Spot'} at ${where(spot)}`
    remove.hidden = chosen < 0
    for (const [b, off] of [[undo, !past.length], [clear, !hints.length], [save, !hints.length]]) {
      if (off && b.matches(':focus')) toggle.focus()
      b.disabled = off
    }
    toggle.textContent = hints.length ? `Hints (${hints.length})` : 'Hints'
    toggle.setAttribute('aria-pressed', on())
  }

  function marker(i) {
    const m = h('button', {type: 'button'})
    let from = null, dragged = false
    const go = (p, tag) => { if (p) alter(i, {x: p[0], y: p[1]}, `Hint moved to ${where(p)}`, tag) }
    m.addEventListener('pointerdown', e => {
      if (e.button) return
      m.setPointerCapture(e.pointerId)
      from = [e.clientX, e.clientY]
      dragged = false
      drags++
    })
    m.addEventListener('pointermove', e => {
      if (!from || !dragged && Math.hypot(e.clientX - from[0], e.clientY - from[1]) < 4) return
      dragged = true
      choose(i)
      go(at(e), `drag ${drags}`)
    })
    for (const end of ['pointerup', 'pointercancel']) m.addEventListener(end, () => from = null)
    m.addEventListener('click', e => {
      if (!dragged || !e.detail) choose(i, !e.detail)  // No detail: by a key
    })
    m.addEventListener('keydown', e => {
      const p = step(e, [hints[i].x, hints[i].y])
      if (p) choose(i), go(p, `keys ${i}`)
      else if (e.key === 'Delete' || e.key === 'Backspace') drop(i)
      else return
      e.preventDefault()
    })
    m.addEventListener('blur', () => last = '')
    return m
  }

  const alter = (i, how, words, tag) => change(hints.map((q, j) => i === j ? {...q, ...how} : q), words, tag)

  function give(color) {
    if (chosen >= 0) return alter(chosen, {color}, `Hint is ${color} now`)
    if (hints.length < most) chosen = hints.length
    change([...hints, {x: spot[0], y: spot[1], color, radius: radius()}], `Hint ${hints.length + 1} placed: ${color}`)
  }

  function drop(i) {
    const focused = markers()[i]?.matches(':focus') || remove.matches(':focus')
    chosen = -1
    change(hints.filter((_, j) => j !== i), 'Hint removed')
    if (focused) (markers()[i] || cross).focus()
  }

  function back() {
    if (!past.length) return
    hints = past.pop()
    last = ''
    chosen = -1
    tell('')
    draw()
    said.textContent = `Undone; ${hints.length} hint${hints.length === 1 ? '' : 's'} now`
    clearTimeout(later)
    changed(hints)
  }

  function aim(p) {
    spot = p
    chosen = -1
    panel.hidden = false
    draw()
    wonder()
  }

  function choose(i, keys = false) {
    chosen = i
    panel.hidden = false
    draw()
    wonder(keys)
  }

  // Ask what may be at the spot; `enter` takes the keyboard there
  function wonder(enter = false) {
    const mine = ++asked
    clearTimeout(soon)
    soon = setTimeout(async () => {
      const all = await likely(...inside(spot)).catch(() => [])
      if (mine !== asked) return
      swatches.replaceChildren(...all.map(({color, share}) => {
        const words = `${Math.round(share * 100)} %`, i = h('i', {style: `background: ${color}`})
        return h('button', {type: 'button', onclick: () => give(color), 'aria-label': `${color}, ${words}`}, i, words)
      }))
      if (chosen < 0) picker.value = all[0]?.color || '#808080'
      if (enter) (swatches.firstElementChild || picker).focus()
    }, enter ? 0 : 60)
  }

  async function read(f) {
    const mine = photo
    file.value = ''
    if (!f) return
    try {
      const found = readHints(f.size < 1e6 ? await f.text() : '', f.name, size)
      if (mine !== photo) return
      chosen = -1
      change(found, `${found.length} hint${found.length === 1 ? '' : 's'} loaded`)
    } catch (e) { tell(e.message) }
  }

  function turn(yes) {
    layer.hidden = more.hidden = !yes
    stage.classList.toggle('colornet-hinting', yes)
    if (yes) was = view.at, view.at = 0  // All of the picture in colour: the divider cannot be dragged now
    else if (!view.at) view.at = was
    panel.hidden = !yes || chosen < 0
    said.textContent = yes ? 'Click on the picture, then choose a colour' : ''
    draw()
  }

  layer.addEventListener('click', e => { if (e.target === layer) aim(at(e)) })
  for (const k of ['pointerdown', 'pointermove']) layer.addEventListener(k, e => e.stopPropagation())
  cross.addEventListener('keydown', e => {
    const p = step(e, inside(spot))
    if (p) aim(p)
    else if (e.key === 'Enter' || e.key === ' ') panel.hidden = false, wonder(true)
    else return
    e.preventDefault()
  })
  panel.addEventListener('keydown', e => { if (e.key === 'Escape') (markers()[chosen] || cross).focus() })
  el.addEventListener('keydown', e => {
    if (on() && (e.ctrlKey || e.metaKey) && !e.shiftKey && e.key.toLowerCase() === 'z') back(), e.preventDefault()
    e.stopPropagation()  // The page turns its leaves by arrow keys
  })

  const self = {
    // Another photo, or none: hints belong to one
    open(pixels, called = '') {
      [size, name, hints, past, last, chosen] = [pixels || [1, 1], called.replace(/\.[^.]*$/, ''), [], [], '', -1]
      photo++
      asked++
      clearTimeout(later)
      clearTimeout(soon)
      spot = inside(size.map(n => n / 2))
      swatches.replaceChildren()
      panel.hidden = true
      toggle.disabled = !pixels
      if (!pixels && on()) turn(false)
      said.textContent = ''
      draw()
    },
    get hints() { return hints },
    set hints(x) {
      if (JSON.stringify(x) === JSON.stringify(hints)) return
      [hints, chosen] = [x, -1]
      draw()
    },
  }
  self.open(null)
  return self
}

const url = (data, type) => data && data.byteLength ? URL.createObjectURL(new Blob([data], {type})) : ''

function download(name, data) {
  const a = Object.assign(document.createElement('a'), {href: url(data, 'application/octet-stream'), download: name})
  document.body.append(a)
  a.click()
  a.remove()
  setTimeout(() => URL.revokeObjectURL(a.href), 60_000)
}

// A photo on its way to Python. Jupyter ends the connection, and tells nobody, over a message of more than 10 MB: so it goes in
// pieces, of which no more than `ahead` wait for an answer. `tell(line, wrong)` says how far it is, and, after `patience` seconds,
// that no answer comes.
export function courier(send, tell, {piece = 2 ** 20, ahead = 4, patience = 20} = {}) {
  let now = null
  function over() {
    if (!now) return
    clearTimeout(now.clock)
    now.wake()
    now = null
    tell('')
  }
  function stop(line = '') {
    if (now) send({kind: 'stop', id: now.id, line})
    over()
  }
  function wait({name, got, all}) {
    clearTimeout(now.clock)
    tell(got < all ? `reading ${name}, ${Math.floor(got / all * 100)} %` : `colouring ${name}`)
    if (got < all) now.clock = setTimeout(() => tell(`${name}: Python has not answered for ${patience} s; it is busy with another `
      + 'cell, or the connection is lost: wait, or reload the page and run the cell again', true), patience * 1000)
  }
  async function give(id, file) {
    const all = Math.max(1, Math.ceil(file.size / piece)), mine = {id, name: file.name, got: 0, all, wake() {}}
    over()  // Python forgets what it was getting as soon as something else is announced
    now = mine
    send({kind: 'photo', id, name: file.name, size: file.size})
    wait(mine)
    for (let n = 0; n < all; n++) {
      const data = await file.slice(n * piece, (n + 1) * piece).arrayBuffer().catch(() => null)
      while (now === mine && n - mine.got >= ahead) await new Promise(yes => mine.wake = yes)
      if (now !== mine) return
      if (!data) return stop(`${file.name}: cannot be read; choose it again`)
      send({kind: 'piece', id, number: n}, [data])
    }
  }
  return {give, stop, hear({kind, id, number}) {
    if (id !== now?.id) return
    if (kind === 'over') return over()
    now.got = number
    wait(now)
    now.wake()
  }}
}

// A row that takes photos: one goes to Python, and of several there is a list. `arrived` is the one that is shown.
function photos(send) {
  let files = [], sent = new Map(), batch = Math.random(), arrived
  const line = h('span', {class: 'colornet-way'}), alert = h('span', {class: 'colornet-wrong', role: 'alert'})
  const cancel = h('button', {type: 'button', hidden: true, onclick: () => way.stop()}, 'Cancel')
  const file = h('input', {type: 'file', multiple: true, accept: 'image/*,.tif,.tiff', hidden: true, 'aria-label': 'photos',
    onchange: () => { take([...file.files]); file.value = '' }})
  const choose = h('button', {type: 'button', onclick: () => file.click()}, 'Choose a photo, or several')
  const list = h('select', {'aria-label': 'photo', hidden: true, onchange: () => give(list.selectedIndex)})
  const name = h('span', {class: 'colornet-name'})
  const way = courier(send, (words, wrong) => {
    line.textContent = wrong ? '' : words
    alert.textContent = wrong ? words : ''
    cancel.hidden = !words
    if (!words) mark()
  })
  const mark = () => list.selectedIndex = sent.get(arrived) ?? -1
  function give(i) {
    const id = `${batch} ${sent.size}`
    sent.set(id, i)
    way.give(id, files[i])
    list.selectedIndex = i
  }
  function take(all) {
    if (!all.length) return
    files = all
    sent = new Map()
    batch = Math.random()
    list.replaceChildren(...files.map((f, i) => h('option', {}, `photo ${i + 1} of ${files.length}: ${f.name}`)))
    list.hidden = files.length < 2
    give(0)
  }
  return {row: h('div', {class: 'colornet-pick'}, choose, file, list, name, line, cancel, alert), take, ...way,
    show(photo) {
      arrived = photo.arrival
      name.textContent = photo.name ? `${photo.name}, ${photo.size.join(' × ')} pixels` : ''
      mark()
    }}
}

const saved = new WeakSet()  // A message comes to every view of the divider; one of them saves

function render({model, el}) {
  const table = model.get('words')
  if (Object.keys(table).length) speak(el, table)
  const pick = photos((msg, buffers = []) => model.send(msg, undefined, buffers))
  const view = divider(el, {drop: pick.take}), waiting = new Map()
  const layer = hinting(el, view, {
    likely: (x, y) => new Promise(yes => {
      const id = Math.random()
      waiting.set(id, yes)
      model.send({kind: 'likely', id, x, y})
    }),
    changed: hints => { model.set('hints', hints); model.save_changes() },
    tell: line => line && model.send({kind: 'trouble', line}),
  })
  const show = () => view.show(url(model.get('before'), 'image/jpeg'), url(model.get('after'), 'image/jpeg'))
  const hints = () => layer.hints = model.get('hints')
  const photo = () => {
    layer.open(model.get('photo').size, model.get('photo').name)
    pick.show(model.get('photo'))
    hints()
  }
  const answer = (msg, buffers) => {
    if (msg.kind === 'got' || msg.kind === 'over') pick.hear(msg)
    if (msg.kind === 'likely') waiting.get(msg.id)?.(msg.likely), waiting.delete(msg.id)
    if (msg.kind === 'file' && !saved.has(msg)) download(msg.name, buffers[0]), saved.add(msg)
  }
  const hears = {'change:after': show, 'change:photo': photo, 'change:hints': hints, 'msg:custom': answer}
  for (const [what, does] of Object.entries(hears)) model.on(what, does)
  el.prepend(pick.row)
  show()
  photo()
  return () => { pick.stop(); for (const [what, does] of Object.entries(hears)) model.off(what, does) }
}
export default {render}
