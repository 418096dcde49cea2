// The demo page: a photo goes in, the network runs in the reader's browser, a colour photo comes out. Photos go nowhere else.
import {divider, hinting} from '../divider.js'
import {canvas, choice, h, inLanguage, point, slider} from '../live/lib.js'
import {gather} from '../live/color.js'
import {dress, papers, sign} from './papers.js'

const base = new URL('.', import.meta.url).href, vendor = new URL('../vendor/ort/', import.meta.url).href
const engine = new URLSearchParams(location.search).get('engine')  // wasm or webgpu; the best there is if not given
const most = 50e6, sizes = [96, 160, 224, 320, 448], n = 150
const samples = {chelsea: 'a cat', hens: 'hens on grass', horses: 'horses on a hill'}
const MB = x => `${(x / 1e6).toFixed(x < 1e7 ? 1 : 0)} MB`

// Threads need an isolated page. The service worker makes it one, from the second time that the page is opened: once, at the very
// start, the page opens itself again, unless the reader was quicker. Where none of this may be, one thread has to do.
let touched = false
async function isolate() {
  if (self.crossOriginIsolated || !self.isSecureContext || !navigator.serviceWorker) return
  try {
    await navigator.serviceWorker.register(new URL('../../coi.js', import.meta.url))
    await navigator.serviceWorker.ready
    if (touched || sessionStorage.getItem('colornet-isolated')) return
    sessionStorage.setItem('colornet-isolated', 'tried')
    location.reload()
  } catch {}
}

// The worker answers one message at a time
function engineRoom(progress, lost) {
  const worker = new Worker(new URL('worker.js', import.meta.url), {type: 'module'}), waiting = new Map()
  let id = 0
  worker.onmessage = ({data}) => {
    if (data.kind === 'progress') return progress(data)
    const {yes, no} = waiting.get(data.id)
    waiting.delete(data.id)
    data.error ? no(Error(data.error)) : yes(data.done)
  }
  worker.onerror = e => {
    const why = Error(`the engine stopped (${e.message || 'it could not be loaded'}); choose the photo again`)
    worker.terminate()
    for (const {no} of waiting.values()) no(why)
    waiting.clear()
    lost()
  }
  return (kind, message = {}, transfer = []) => new Promise((yes, no) => {
    waiting.set(++id, {yes, no})
    worker.postMessage({id, kind, ...message}, transfer)
  })
}

// Pixels of a file, upright; an error that says what to do
async function decode(file) {
  const bad = () => Error(`${file.name}: is not a photo that this browser can read; give a JPEG, PNG or WebP`)
  const im = new Image(), url = URL.createObjectURL(file)
  try {
    await new Promise((yes, no) => {
      im.onload = yes
      im.onerror = () => no(bad())
      im.src = url
    })
    const pixels = im.naturalWidth * im.naturalHeight  // Known before anything is unpacked
    if (pixels > most) throw Error(`${file.name}: has ${Math.round(pixels / 1e6)} megapixels; make it smaller than ${most / 1e6}`)
    return await createImageBitmap(file, {imageOrientation: 'from-image'}).catch(() => { throw bad() })
  } finally { URL.revokeObjectURL(url) }
}

async function demo(el) {
  const info = await fetch(`${base}bins.json`).then(r => r.ok ? r.json() : {}).catch(() => ({}))
  const amount = kind => (info.bytes || 0) + (info.engines?.[kind] || 0)
  let ask, about, name, own, gray, colour, size = 224, jobs = Promise.resolve(), sight = 0, result = '', answer = 0

  const status = h('p', {role: 'status', class: 'status'}), alert = h('p', {role: 'alert', class: 'cn-alert'})
  const bar = h('progress', {'aria-label': 'loading the network', hidden: true, max: 1, value: 0})
  const file = h('input', {type: 'file', accept: 'image/*', class: 'cn-hidden', tabindex: -1, 'aria-hidden': 'true'})
  const choose = h('button', {type: 'button', class: 'main'}, 'Choose a photo')
  const stage = h('div', {class: 'view'}), save = h('button', {type: 'button', disabled: true}, 'Download as PNG')
  const other = h('button', {type: 'button', disabled: true}, 'Another answer'), odds = h('span', {class: 'odds', 'aria-live': 'polite'})
  const view = divider(stage, {label: 'Share of the picture that is still gray'})

  const repaint = () => { if (name) later(show) }
  const layer = hinting(stage, view, {
    tell: line => alert.textContent = line,
    changed: () => {
      doubt.input.checked = false
      allOfIt()
      repaint()
    },
    likely: async (x, y) => {
      cross.go((x + .5) / full[0], (y + .5) / full[1])
      return (await possible()).map(({rgb, p}) => ({color: `#${rgb.map(c => c.toString(16).padStart(2, '0')).join('')}`, share: p}))
    },
  })
  const vivid = slider('vividness', {min: 0, max: 1, step: .05, value: info.vivid || 0, text: x => x.toFixed(2), moved: repaint, disabled: true})
  const flow = slider('flow', {min: 0, max: 1, step: .05, value: 1, moved: repaint, disabled: true,
    text: x => layer.hints.length ? 'hints need all of it' : x.toFixed(2)})
  const allOfIt = () => {
    flow.range.disabled = !colour || layer.hints.length > 0
    flow.value = flow.value
  }
  const how = () => ({vivid: vivid.value, saturation: saturation.value, flow: flow.value, hints: layer.hints, answer})
  // The download's word on how it was made, as the command signs
  const signed = () => {
    const n = layer.hints.length, v = about.twoHeads ? vivid.value : 0
    const made = `size=${size} vivid=${v} flow=${n ? 1 : flow.value} saturation=${saturation.value}${n ? ` hints=${n}` : ''}`
    return info.xmp && sign(own.xmp, info.xmp.replace('SETTINGS', made))
  }
  const saturation = slider('saturation', {min: 0, max: 2, step: .05, value: 1, text: x => x.toFixed(2), moved: repaint,
    disabled: true})
  const doubt = choice('checkbox', 'map of doubt: white where the network is not sure', {moved: repaint, disabled: true})
  const select = h('select', {},
    ...sizes.map(s => h('option', {value: s, selected: s === size}, `${s} px${s === size ? ' (default)' : ''}`)))
  const sized = h('label', {class: 'slider'}, h('span', {}, 'size for the network'), select)

  const told = h('p', {class: 'numbers'}), map = canvas(n, n, ''), list = h('ol', {class: 'colours'})
  const panel = h('div', {class: 'possible', hidden: true}, h('h3', {}, 'What else could it be?'),
    h('p', {class: 'quiet'},
      'Move the pointer over the picture, or the cross by the arrow keys: the second head says '
        + 'how likely each colour is there. The square shows all of them, likely ones large: '
        + 'across from yellow to blue, upward from green to red.'),
    told, h('div', {class: 'cn-row'}, map, list))

  // One job after the other; of those that redraw, only the last that waits is done
  let pending = 0
  const then = job => jobs = jobs.then(job).catch(e => {
    alert.textContent = e.message
    status.textContent = result  // Of the photo that stays
    bar.hidden = true
  })
  const later = job => {
    const mine = ++pending
    return then(() => mine === pending ? job() : null)
  }

  async function load() {
    if (about) return
    ask ||= engineRoom(({done, all}) => {
      bar.hidden = false
      bar.max = all
      bar.value = done
      status.textContent = done < all ? `Loading the network: ${MB(done)} of ${MB(all)}` : 'Starting the network'
    }, () => {
      ask = about = null
      forget()
    })
    status.textContent = 'Loading the network'
    about = await ask('load', {base, vendor, info, engine})
    bar.hidden = true
    vivid.value = about.vivid
    vivid.range.disabled = doubt.input.disabled = !about.twoHeads
  }

  async function take(get) {
    touched = true
    alert.textContent = ''
    await then(async () => {
      const t0 = performance.now(), photo = await get(), bitmap = await decode(photo), found = await papers(photo)
      await load()
      status.textContent = `Reading ${photo.name}`
      try {
        const opened = await ask('open', {bitmap}, [bitmap])
        ;[name, own, gray, colour] = [photo.name, found, opened.gray, null]
        cross.steps = opened.size
        layer.open(opened.size, name)
        await guess(t0, opened.size)
      } catch (e) {
        forget()  // The worker has another photo now than the page
        throw e
      }
    })
  }

  function forget() {
    name = colour = null
    result = ''
    layer.open(null)
    allOfIt()
    odds.textContent = ''
    saturation.range.disabled = vivid.range.disabled = doubt.input.disabled = save.disabled = panel.hidden = other.disabled = true
  }

  let full = [0, 0]
  async function guess(t0 = performance.now(), wide = full) {
    if (!name) return  // It waited for a photo that is gone
    full = wide
    status.textContent = `Colouring ${name}`
    const g = await ask('guess', {size})
    answer = 0
    odds.textContent = ''
    doubt.input.checked = false
    await show()
    const all = (performance.now() - t0) / 1000
    status.textContent = result = `${name}, ${full.join(' × ')} pixels, coloured in ${all.toFixed(1)} s: `
      + `${g.seconds.toFixed(1)} s in the network at ${g.small.join(' × ')} pixels (${about.backend})`
    Object.assign(el.dataset, {backend: about.kind, threads: about.threads, seconds: all.toFixed(3), network: g.seconds.toFixed(3),
      done: 1 + +(el.dataset.done || 0)})
    saturation.range.disabled = save.disabled = false
    vivid.range.disabled = doubt.input.disabled = other.disabled = !about.twoHeads
    panel.hidden = !about.twoHeads
    allOfIt()
    look()
  }

  // What stands right of the divider: colours, or doubt
  async function show() {
    if (!name) return
    const {blob, settled} = doubt.input.checked ? await ask('doubt') : await ask('paint', how())
    colour = blob
    el.dataset.settled = settled
    const urls = [gray, blob].map(b => URL.createObjectURL(b))
    await Promise.all(urls.map(u => Object.assign(new Image(), {src: u}).decode()))  // So that nothing flickers
    view.show(...urls)
    el.dataset.shown = 1 + +(el.dataset.shown || 0)
  }

  // Draw the colours that may be at the cross, and give the likeliest
  async function possible() {
    const [x, y] = cross.place, {level, all} = await ask('point', {x, y})
    if (!all.length) return []
    const ctx = map.getContext('2d'), k = n / 26, top = Math.max(...all.map(b => b.p))
    ctx.clearRect(0, 0, n, n)
    for (const b of all) {
      const s = k * Math.max(Math.sqrt(b.p / top), .12), mid = [(b.u - .5) * 25 * k + n / 2, (.5 - b.v) * 25 * k + n / 2]
      ctx.fillStyle = `rgb(${b.rgb})`
      ctx.fillRect(mid[0] - s / 2, mid[1] - s / 2, s, s)
    }
    const likely = gather(all)
    const too = level < .08 ? ', too dark for colours to show' : level > .95 ? ', too bright for colours to show' : ''
    told.textContent = `${Math.floor(x * full[0])}, ${Math.floor(y * full[1])}: luma ${level.toFixed(2)}${too}`
    map.setAttribute('aria-label', `Colours that may be here; the likeliest has ${Math.round(likely[0].p * 100)} %`)
    list.replaceChildren(...likely.map(b => h('li', {}, h('span', {class: 'swatch', style: `background: rgb(${b.rgb})`}),
      `${Math.round(b.p * 100)} %`, h('span', {class: 'quiet'}, ` rgb ${b.rgb.join(', ')}`))))
    return likely
  }

  // One question at a time
  async function look() {
    if (!colour || !about.twoHeads || sight++) return
    await possible().catch(() => {})
    const again = sight > 1
    sight = 0
    if (again) look()
  }

  const cross = point(stage.querySelector('.colornet-stage'), {hover: true, at: [.7, .2],
    label: 'Point of the picture; the arrow keys move it', moved: (x, y, by) => {
      if (by === 'keys') told.setAttribute('aria-live', 'polite')
      else told.removeAttribute('aria-live')
      look()
    }, text: (x, y) => `${Math.floor(x * full[0])}, ${Math.floor(y * full[1])}`})

  const given = f => f && take(async () => f)
  choose.addEventListener('click', () => file.click())
  file.addEventListener('change', () => { given(file.files[0]); file.value = '' })
  document.addEventListener('paste', e => given(e.clipboardData?.files[0]))
  const over = on => e => { e.preventDefault(); el.classList.toggle('over-it', on) }
  el.addEventListener('dragover', over(true))
  el.addEventListener('dragleave', over(false))
  el.addEventListener('drop', e => { over(false)(e); given(e.dataTransfer.files[0]) })
  select.addEventListener('change', () => {
    size = +select.value
    if (name) then(() => guess())
  })
  // One after the other, and the first again after the last
  other.addEventListener('click', () => then(async () => {
    if (!name) return
    const found = await ask('others', {vivid: vivid.value, flow: layer.hints.length ? 1 : flow.value}), percent = x => `${Math.round(x * 100)} %`
    answer = (answer + 1) % (found.length + 1)
    const more = answer ? `: ${percent(found[answer - 1][0])} likely, and the first ${percent(found[answer - 1][1])}` : ''
    odds.textContent = found.length ? `answer ${answer + 1} of ${found.length + 1}${more}` : 'no other answer is likely'
    doubt.input.checked = false
    await show()
  }))
  save.addEventListener('click', () => then(async () => {
    if (!name) return
    save.disabled = true
    const xmp = signed(), {blob} = await ask('paint', {...how(), whole: true}).finally(() => save.disabled = !name)
    const whole = URL.createObjectURL(await dress(blob, {...own, xmp}))
    const a = h('a', {href: whole, download: `${name.replace(/\.[^.]*$/, '')}-color.png`})
    document.body.append(a)
    a.click()
    a.remove()
    setTimeout(() => URL.revokeObjectURL(a.href), 60_000)
  }))

  const cards = Object.entries(samples).map(([s, words]) => h('button', {type: 'button', class: 'sample',
    'aria-label': `take the sample: ${words}`,
    onclick: () => take(async () => {
      const answer = await fetch(`${base}samples/${s}.jpg`)
      if (!answer.ok) throw Error(`${s}.jpg: cannot be loaded (${answer.status}); choose a photo of your own`)
      return new File([await answer.blob()], `${s}.jpg`)
    })}, h('img', {src: `${base}samples/${s}.jpg`, alt: '', width: 96, height: 64})))
  el.classList.add('cn')
  await inLanguage(el)
  el.append(
    h('p', {class: 'private'}, h('strong', {}, 'Your photo stays with you.'),
      ' The network comes to this page and runs in your browser; no photo is sent anywhere.'),
    h('div', {class: 'cn-row pick'}, choose, h('span', {}, 'or drop it here, paste it, or take a sample:'),
      h('span', {class: 'samples'}, ...cards), file),
    h('p', {class: 'quiet'}, amount('wasm') ? `The first photo loads the network and its engine: ${MB(amount('wasm'))}`
      + (navigator.gpu && amount('webgpu') ? `, or ${MB(amount('webgpu'))} where the graphics card can help` : '')
      + '. Your browser keeps them for the next visit.'
      : 'The first photo loads the network; your browser keeps it for the next visit.'),
    status, bar, alert, stage,
    h('div', {class: 'controls'}, vivid.el, flow.el, saturation.el, sized, doubt.el, save, other, odds), panel)
  // By keys, the way to the button leads past all links of the book
  const skip = h('a', {href: '#demo', onclick: e => { e.preventDefault(); choose.focus(); file.click() }}, 'Choose a photo')
  document.getElementById('pst-skip-link')?.append(skip)
  await inLanguage(skip.parentNode || skip)
  el.dataset.ready = 'yes'
}

const el = document.getElementById('demo')
if (el) {
  const sheets = ['../live/live.css', '../divider.css', 'demo.css']
  for (const css of sheets) document.head.append(h('link', {rel: 'stylesheet', href: base + css}))
  isolate()
  demo(el)
}
