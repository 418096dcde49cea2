// A few strokes of colour on a gray photo: one linear system spreads them along equal luma (chapter 12).
import {canvas, fill, h, pixels, point, unique} from './lib.js'
import {join, luma} from './color.js'
import {flow, mark} from './flow.js'

const radius = 3, palette = {'dark red': '#b01818', orange: '#b8682c', brown: '#7a5a35', yellow: '#e0b418', green: '#3c8a32',
  blue: '#2d5fc4', violet: '#8a3ca0', pink: '#d87898', white: '#f4f0ea', gray: '#808080'}

// What a reader may begin with, by pixels of the photo; each stroke is a line
const first = [['dark red', [[30, 78], [44, 98], [62, 112]]], ['brown', [[8, 24], [24, 8]]], ['brown', [[150, 12], [176, 30]]],
  ['brown', [[8, 92], [24, 120]]], ['brown', [[160, 92], [150, 118]]], ['dark red', [[146, 66], [130, 98]]],
  ['white', [[62, 22], [66, 52]]], ['white', [[118, 20], [124, 40]]], ['orange', [[88, 45], [104, 47]]]]

// The colours of spots, spread as `flow` of chapter 12 does: nothing is said but where they are
export function spread(y, size, spots, fine = .003) {
  const {uv, said} = mark(y, size, spots, size)
  return spots.length ? flow(y, uv, Float64Array.from(said), size, 30, fine, .05) : uv
}

// Spots from one place to the next, without gaps
function along([x, y], [X, Y]) {
  const n = Math.max(1, Math.ceil(Math.hypot(X - x, Y - y) / 2))
  return Array.from({length: n}, (_, i) => [x + (X - x) * (i + 1) / n, y + (Y - y) * (i + 1) / n])
}

export default async function(el, {asset}) {
  const {data, width: w, height: ht} = await pixels(asset('scribble.jpg')), count = w * ht
  const y = Float32Array.from(luma(data), v => v / 65535)
  const paper = canvas(w, ht, 'The photo in gray, with your strokes'), result = canvas(w, ht, '')
  const told = h('p', {class: 'numbers', role: 'status'}), rgb = [0, 0, 0]
  let strokes = first.map(([name, corners]) => ({color: palette[name],
    spots: corners.slice(1).reduce((all, c, i) => [...all, ...along(corners[i], c)], [corners[0]])}))
  let color = palette.green, down = false, truth = false, waits = 0

  const psnr = f => {
    let sum = 0
    for (let i = 0; i < count; i++) {
      f(i, rgb)
      for (let c = 0; c < 3; c++) sum += (rgb[c] - data[4 * i + c]) ** 2
    }
    return 10 * Math.log10(255 ** 2 * 3 * count / sum)
  }
  const gray = psnr((i, out) => out.fill(255 * y[i])).toFixed(1)

  function draw() {
    waits = 0
    const spots = strokes.flatMap(s => s.spots.map(([x, y]) => ({x, y, color: s.color, radius})))
    const [u, v] = spread(y, [w, ht], spots)
    const colours = (i, out) => join(y[i], u[i], v[i], 1, out, 0)
    fill(paper, (i, out) => out.fill(255 * y[i]))
    const ctx = paper.getContext('2d')
    for (const s of spots) {
      ctx.fillStyle = s.color
      ctx.beginPath()
      ctx.arc(s.x + .5, s.y + .5, radius, 0, 7)
      ctx.fill()
    }
    fill(result, truth ? (i, out) => out.forEach((_, c) => out[c] = data[4 * i + c]) : colours)
    const what = truth ? 'the photo as it was' : 'how the colours spread'
    name.textContent = what
    result.setAttribute('aria-label', what)
    const n = strokes.length, both = `PSNR ${psnr(colours).toFixed(1)} dB, and ${gray} dB in gray`
    told.textContent = n ? `${n} stroke${n > 1 ? 's' : ''}, spread over ${count.toLocaleString('en')} pixels: ${both}`
      : 'No stroke yet: choose a colour and paint on the gray photo'
    here.textContent = down ? 'the brush is down: arrow keys paint, space lifts it' : 'paint here'
    undo.disabled = clear.disabled = !n
    show.setAttribute('aria-pressed', truth)
  }
  const soon = () => waits ||= requestAnimationFrame(draw)
  function begin() {
    strokes.push({color, spots: []})
    truth = false
  }
  function paint() {
    const {spots} = strokes.at(-1), to = [cross.place[0] * w - .5, cross.place[1] * ht - .5]
    spots.push(...spots.length ? along(spots.at(-1), to) : [to])
    soon()
  }

  const over = h('div', {class: 'over', style: 'touch-action: none'}, paper)
  over.addEventListener('pointerdown', () => { down = false; begin() })  // Before the cross hears of it
  const cross = point(over, {label: 'Brush; the arrow keys move it, the space bar puts it down and lifts it',
    steps: [w / 2, ht / 2], at: [.5, .82], moved: (x, y, by) => { if (by === 'pointer' || down) paint() }})
  cross.el.addEventListener('keydown', e => {
    if (e.key !== ' ') return
    e.preventDefault()
    e.stopPropagation()
    if (!down) { begin(); paint() }
    down = !down
    soon()
  })
  const button = (words, does) => h('button', {type: 'button', onclick: () => { down = false; does(); draw() }}, words)
  const undo = button('Undo', () => strokes.pop()), clear = button('Clear', () => strokes = [])
  const show = button('Show the truth', () => truth = !truth), name = h('span', {class: 'name'})
  const here = h('span', {class: 'name', 'aria-live': 'polite'}), group = unique()
  const swatches = Object.entries(palette).map(([words, c]) => {
    const input = h('input', {type: 'radio', name: group, class: 'cn-hidden', 'aria-label': words, checked: c === color})
    input.addEventListener('change', () => color = c)
    return h('label', {title: words}, input, h('i', {class: 'paint', style: `background: ${c}`}))
  })
  const panel = (...what) => h('div', {class: 'panel', style: 'flex-basis: 15rem'}, ...what)
  el.append(h('style', {}, `
    .cn .palette label { position: relative; cursor: pointer; line-height: 0; }
    .cn .paint { display: inline-block; width: 2rem; height: 2rem; border-radius: 50%; border: 1px solid var(--cn-line); }
    .cn .palette input:checked + .paint { outline: 3px solid var(--cn-accent); outline-offset: 2px; }
    .cn .palette input:focus-visible + .paint { outline: 4px dashed var(--cn-accent); outline-offset: 2px; }`),
    h('div', {class: 'cn-row palette', role: 'radiogroup', 'aria-label': 'Colour'}, ...swatches),
    h('div', {class: 'cn-row'}, undo, clear, show), told,
    h('div', {class: 'cn-row'}, panel(here, over), panel(name, result)))
  draw()
}
