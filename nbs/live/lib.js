// What the live figures and the demo share.

import {h, inLanguage} from '../divider.js'
export {h, inLanguage}

// A labelled slider. `text` says its value in words; `moved` hears of each change.
export function slider(label, {min, max, step = 1, value, text = x => String(x), moved = () => {}, ...more}) {
  const out = h('span', {class: 'value', 'aria-hidden': 'true'})
  const range = h('input', {type: 'range', min, max, step, value, ...more})
  const tell = () => {
    out.textContent = text(+range.value)
    range.setAttribute('aria-valuetext', out.textContent)
  }
  range.addEventListener('input', () => { tell(); moved(+range.value) })
  tell()
  const el = h('label', {class: 'slider'}, h('span', {}, label), range, out)
  return {el, range, get value() { return +range.value }, set value(x) { range.value = x; tell() }}
}

// Check boxes and radio buttons
export function choice(type, label, {moved = () => {}, ...attrs} = {}) {
  const input = h('input', {type, ...attrs})
  input.addEventListener('change', () => moved(input.checked))
  return {el: h('label', {class: 'choice'}, input, ' ', label), input}
}

// A name for radio buttons: a notebook may show a figure twice
export const unique = () => `cn-${Math.random().toString(36).slice(2)}`

export function radios(legend, labels, moved, first = 0) {
  const name = unique()
  const all = labels.map((l, i) => choice('radio', l, {name, value: i, checked: i === first, moved: () => moved(i)}))
  return h('fieldset', {class: 'radios'}, h('legend', {}, legend), ...all.map(a => a.el))
}

// What a file of data says; a figure asks its host where it lies: `asset(name)`
export const json = async url => (await fetch(url)).json()

// A photo's pixels as the file has them: from a corner, or the largest square in the middle
export async function pixels(url, square = false) {
  const im = new Image()
  im.src = url
  await im.decode()
  const side = Math.min(im.naturalWidth, im.naturalHeight), [w, h] = square ? [side, side] : [im.naturalWidth, im.naturalHeight]
  const canvas = Object.assign(document.createElement('canvas'), {width: w, height: h}), ctx = canvas.getContext('2d')
  ctx.drawImage(im, -Math.floor((im.naturalWidth - w) / 2), -Math.floor((im.naturalHeight - h) / 2))
  return ctx.getImageData(0, 0, w, h)
}

// A canvas that speaks for itself
export const canvas = (w, ht, label, cls = '') => h('canvas', {width: w, height: ht, class: cls, role: 'img', 'aria-label': label})

// Draw RGB from `f(i, out)`, which puts red, green and blue of pixel i into `out`, 0 to 255
export function fill(cv, f) {
  const ctx = cv.getContext('2d'), im = ctx.createImageData(cv.width, cv.height), rgb = [0, 0, 0]
  for (let i = 0; i < cv.width * cv.height; i++) {
    f(i, rgb)
    im.data[4 * i] = rgb[0]
    im.data[4 * i + 1] = rgb[1]
    im.data[4 * i + 2] = rgb[2]
    im.data[4 * i + 3] = 255
  }
  ctx.putImageData(im, 0, 0)
}

// BT.601, as `colornet.yuv` has it: U reaches 0.436 in pure blue, V 0.615 in pure red
const kr = .299, kb = .114, kg = 1 - kr - kb
export const umax = .436, vmax = .615

export function rgb2yuv(r, g, b) {
  const y = kr * r + kg * g + kb * b
  return [y, umax * (b - y) / (1 - kb), vmax * (r - y) / (1 - kr)]
}

export function yuv2rgb(y, u, v) {
  const b = y + u * (1 - kb) / umax, r = y + v * (1 - kr) / vmax
  return [r, (y - kr * r - kb * b) / kg, b]
}

const eps = 1e-4  // How far outside still counts as inside
export const inGamut = rgb => rgb.every(x => x >= -eps && x <= 1 + eps)

// A cross over a picture, moved by pointer and arrow keys; `moved` gets its place in shares of width and height, and who moved it.
export function point(over, {label, moved, text, hover = false, steps = [100, 100], at = [.5, .5]}) {
  const el = h('div', {class: 'cross', tabindex: 0, role: 'slider', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100})
  const place = [...at]
  const go = (x, y, by) => {
    place[0] = Math.min(Math.max(x, 0), 1 - 1e-6)
    place[1] = Math.min(Math.max(y, 0), 1 - 1e-6)
    el.style.left = `${place[0] * 100}%`
    el.style.top = `${place[1] * 100}%`
    el.setAttribute('aria-valuenow', Math.round(place[0] * 100))
    el.setAttribute('aria-valuetext',
      text ? text(...place) : `${Math.round(place[0] * 100)} % across, ${Math.round(place[1] * 100)} % down`)
    if (by) moved(...place, by)
  }
  const follow = e => {
    const box = over.getBoundingClientRect()
    if (box.width && box.height) go((e.clientX - box.left) / box.width, (e.clientY - box.top) / box.height, 'pointer')
  }
  over.addEventListener('pointerdown', e => {
    follow(e)
    if (!hover) over.setPointerCapture(e.pointerId)
  })
  over.addEventListener('pointermove', e => { if (hover || over.hasPointerCapture(e.pointerId)) follow(e) })
  el.addEventListener('keydown', e => {
    const d = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[e.key]
    if (!d) return
    e.preventDefault()
    e.stopPropagation()  // The page turns its leaves by arrow keys
    const far = e.shiftKey ? 10 : 1
    const n = steps.map((s, i) => (Math.floor(place[i] * s) + d[i] * far + .5) / s)
    go(n[0], n[1], 'keys')
  })
  over.append(el)
  go(...place, '')
  return {el, go: (x, y) => go(x, y, 'code'), get place() { return place }, get steps() { return steps },
    set steps(x) { steps = x }}
}
