// Drag a guess away from the truth: the three terms of the blurred loss and their gradients.
import {canvas, fill, h, radios, slider, umax, vmax, yuv2rgb} from './lib.js'

const n = 64, at = 32, lo = .5, hi = .8, sigma = {3: .8, 5: 1.1}
export const sizes = [1, 3, 5]

export function gaussKernel(ks) {
  if (ks === 1) return [1]
  const k = Array.from({length: ks}, (_, i) => Math.exp(-((i - (ks - 1) / 2) ** 2) / (2 * sigma[ks] ** 2)))
  const sum = k.reduce((a, b) => a + b)
  return k.map(x => x / sum)
}

// A row of chroma that steps up at a pixel and stays, or comes back after one
export const shapes = {
  edge: to => Array.from({length: n}, (_, i) => i >= to ? hi : lo),
  line: to => Array.from({length: n}, (_, i) => i === to ? hi : lo),
}

// One term for rows that are all alike, and its gradient times the number of pixels. Blur repeats the border; so does its
// transpose.
export function term(pred, truth, ks) {
  const k = gaussKernel(ks), r = (ks - 1) / 2, n = pred.length, near = i => Math.min(Math.max(i, 0), n - 1)
  const err = pred.map((p, i) => p - truth[i]), soft = err.map((_, i) => k.reduce((s, w, j) => s + w * err[near(i + j - r)], 0))
  const grad = Array(n).fill(0)
  soft.forEach((e, i) => k.forEach((w, j) => grad[near(i + j - r)] += 2 * w * e))
  return {loss: soft.reduce((s, e) => s + e * e, 0) / n, grad}
}

const names = ['plain', '3 px', '5 px'], colors = ['var(--cn-a)', 'var(--cn-b)', 'var(--cn-c)'], dashes = ['', '6 3', '2 3']
const svg = (tag, attrs, ...children) => {
  const el = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [k, v] of Object.entries(attrs)) el.setAttribute(k, v)
  el.append(...children)
  return el
}
const W = matchMedia('(max-width: 480px)').matches ? 360 : 640, H = 190, left = 40, x = i => left + i * (W - left - 4) / n,
  limit = .62, y = g => H / 2 - 8 - g / limit * (H / 2 - 16)
const digits = v => Math.abs(v) < 5e-8 ? '0' : v.toFixed(6).replace('-', '−')

export default async function(el) {
  let kind = 'edge', shift = 3
  const truthRow = canvas(n, 1, 'The truth: a row of chroma'), guessRow = canvas(n, 1, 'The guess: the same row, moved')
  const plot = svg('svg', {viewBox: `0 0 ${W} ${H}`, role: 'img', class: 'plot'})
  const body = h('tbody', {}), drag = h('div', {class: 'over drag'})
  const rows = names.map((name, i) => {
    const key = svg('svg', {width: 34, height: 10, 'aria-hidden': true}, svg('path', {d: 'M0 5H34', stroke: colors[i],
      'stroke-width': 3, 'stroke-dasharray': dashes[i]}))
    const cells = [h('td'), h('td')]
    body.append(h('tr', {}, h('td', {}, key, ` ${name}`), ...cells))
    return cells
  })
  const whole = [h('td'), h('td')]
  body.append(h('tr', {}, h('td', {}, 'blurred loss: their mean'), ...whole))

  const strip = (cv, row) => fill(cv, (i, out) => {
    const c = (row[i] - .5) * 2
    yuv2rgb(.5, c * umax * .7, c * vmax * .7)  // Weaker than it is: a screen must be able to show it
      .forEach((v, j) => out[j] = v * 255)
  })

  function draw() {
    const truth = shapes[kind](at), pred = shapes[kind](at + shift), terms = sizes.map(k => term(pred, truth, k))
    strip(truthRow, truth)
    strip(guessRow, pred)
    const most = g => g.reduce((a, b) => Math.abs(b) > Math.abs(a) ? b : a, 0)
    terms.forEach(({loss, grad}, i) => [loss, most(grad)].forEach((v, j) => rows[i][j].textContent = digits(v)))
    const mean = Array.from({length: n}, (_, i) => terms.reduce((s, t) => s + t.grad[i], 0) / 3)
    ;[terms.reduce((s, t) => s + t.loss, 0) / 3, most(mean)].forEach((v, j) => whole[j].textContent = digits(v))
    const steps = g => `M${left} ${y(0)}` + g.map((v, i) => `V${y(v).toFixed(2)}H${x(i + 1).toFixed(2)}`).join('')
    plot.setAttribute('aria-label',
      `Gradients of the three terms along the row; the truth stands at pixel ${at}, the guess at ${at + shift}`)
    plot.replaceChildren(
      ...[-.6, -.3, 0, .3, .6].flatMap(v => [svg('path', {d: `M${left} ${y(v)}H${W}`, stroke: 'var(--cn-line)',
        'stroke-width': v ? .6 : 1.2}),
        svg('text', {x: left - 5, y: y(v) + 4, 'text-anchor': 'end'}, String(v).replace('-', '−'))]),
      ...[0, 8, 16, 24, 32, 40, 48, 56].map(i => svg('text', {x: x(i + .5), y: H - 3, 'text-anchor': 'middle'}, String(i))),
      ...terms.map(({grad}, i) => svg('path', {d: steps(grad), fill: 'none', stroke: colors[i], 'stroke-width': 2.5,
        'stroke-dasharray': dashes[i]})))
    for (const c of drag.querySelectorAll('.mark')) c.style.left = `${(at + shift) / n * 100}%`
  }

  const range = slider('shift of the guess', {min: -24, max: 24, value: shift,
    text: v => `${v > 0 ? '+' : v < 0 ? '−' : ''}${Math.abs(v)} px`, moved: v => { shift = v; draw() }})
  const move = e => {
    const box = drag.getBoundingClientRect()
    const to = Math.floor((e.clientX - box.left) / box.width * n + (kind === 'edge' ? .5 : 0))  // An edge lies between pixels
    range.value = shift = Math.min(Math.max(to - at, -24), 24)
    draw()
  }
  drag.addEventListener('pointerdown', e => { drag.setPointerCapture(e.pointerId); move(e) })
  drag.addEventListener('pointermove', e => { if (e.buttons) move(e) })
  drag.append(guessRow, h('div', {class: 'mark', 'aria-hidden': 'true'}))
  const lane = (name, what) => h('div', {class: 'lane'}, h('span', {class: 'name'}, name), what)
  el.append(h('style', {}, `
    .cn .lane { padding-left: ${left / W * 100}%; padding-right: ${4 / W * 100}%; margin: .25rem 0; }
    .cn .lane canvas { width: 100%; height: 2.2rem; image-rendering: pixelated; }
    .cn .drag { cursor: ew-resize; }
    .cn .mark { position: absolute; top: -4px; bottom: -4px; width: 3px; margin-left: -1.5px;
      background: var(--cn-text); pointer-events: none; }
    .cn .plot { display: block; width: 100%; max-width: 100%; height: auto; }
    .cn .plot text { font-size: 12px; fill: var(--cn-soft); }`),
    radios('shape', ['an edge', 'a line one pixel wide'], i => { kind = Object.keys(shapes)[i]; draw() }), range.el,
    lane('truth', truthRow), lane('guess: drag it', drag),
    h('span', {class: 'name'}, 'gradient at each pixel, times the number of pixels'), plot,
    h('table', {}, h('thead', {}, h('tr', {}, h('th', {}, 'term'), h('th', {}, 'loss'), h('th', {}, 'strongest gradient'))), body))
  draw()
}
