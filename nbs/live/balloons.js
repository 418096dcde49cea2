// Balloons may be red or blue, and gray photos do not tell which. Two tiny networks learn from them in the page: one by squared
// error, one by the cross-entropy of a few colours.
import {canvas, fill, h, radios, slider, umax, vmax, yuv2rgb} from './lib.js'

const photos = 20, side = 18, hidden = 8, rate = .02, most = 300, light = .45
export const bins = {red: [-.09, .25], violet: [.06, .1], blue: [.21, -.05], gray: [0, 0], green: [-.1, -.11],
  yellow: [-.2, .03], teal: [.05, -.16]}
const names = Object.keys(bins), uvs = Object.values(bins)

export function random(seed) {  // mulberry32
  return () => {
    let t = seed += 0x6D2B79F5
    t = Math.imul(t ^ t >>> 15, t | 1)
    t ^= t + Math.imul(t ^ t >>> 7, t | 61)
    return ((t ^ t >>> 14) >>> 0) / 4294967296
  }
}

// A gray photo of balloons before a meadow and a sky: its luma, and what each pixel is: a number of `names`, or -1 in a balloon
function photo(w, ht, horizon, balloons, seed) {
  const next = random(seed), y = new Float32Array(w * ht), what = new Int8Array(w * ht)
  for (let i = 0; i < w * ht; i++) {
    const c = i % w, r = Math.floor(i / w), meadow = r >= horizon
    const inside = balloons.some(([x, top, radius]) => Math.hypot(c - x, (r - top) * .9) < radius)
    what[i] = inside ? -1 : names.indexOf(meadow ? 'green' : 'gray')
    y[i] = inside ? light : meadow ? .42 + .3 * (next() - .5) : .72 + .02 * (next() - .5)
  }
  return {w, h: ht, y, what}
}

// What the networks see of a pixel: how bright and how rough are the 3x3 pixels around it. Of all such windows that hold the
// pixel, the smoothest counts, so that nothing is mixed at the rim of a balloon.
function look({w, h, y}) {
  const windows = Array.from(y, (_, i) => {
    const col = Math.min(Math.max(i % w, 1), w - 2), row = Math.min(Math.max(Math.floor(i / w), 1), h - 2)
    let sum = 0, square = 0
    for (let d = 0; d < 9; d++) {
      const v = y[(row + Math.floor(d / 3) - 1) * w + col + d % 3 - 1]
      sum += v / 9
      square += v * v / 9
    }
    return [sum, Math.sqrt(Math.max(square - sum * sum, 0))]
  })
  return windows.map((_, i) => {
    const near = [-1, 0, 1].flatMap(r => [-1, 0, 1].map(c => {
      const col = Math.min(Math.max(i % w + c, 0), w - 1), row = Math.min(Math.max(Math.floor(i / w) + r, 0), h - 1)
      return windows[row * w + col]
    }))
    const [bright, rough] = near.reduce((a, b) => b[1] < a[1] ? b : a)
    return [(bright - .55) / .15, (rough - .05) / .05]
  })
}

// A network of one hidden layer. `kind` says what its numbers mean: chroma, or scores of the colours.
export function makeNet(kind, seed = 1) {
  const next = random(seed), out = kind === 'mean' ? 2 : names.length
  const room = (n, k) => Float64Array.from({length: n}, () => k * (2 * next() - 1))
  return {kind, out, w: [room(hidden * 3, 1), room(out * (hidden + 1), .05)], steps: 0, m: null, v: null}
}

function forward({w: [a, b], out}, [x, y], mid = new Float64Array(hidden), last = new Float64Array(out)) {
  for (let j = 0; j < hidden; j++) mid[j] = Math.tanh(a[3 * j] * x + a[3 * j + 1] * y + a[3 * j + 2])
  for (let k = 0, at = 0; k < out; k++, at += hidden + 1) {
    last[k] = b[at + hidden]
    for (let j = 0; j < hidden; j++) last[k] += b[at + j] * mid[j]
  }
  return last
}

// Scores become likelihoods, in place.
function softmax(s) {
  let sum = 0
  const top = s.reduce((a, b) => Math.max(a, b))
  for (let k = 0; k < s.length; k++) sum += s[k] = Math.exp(s[k] - top)
  for (let k = 0; k < s.length; k++) s[k] /= sum
  return s
}

export const answer = (net, x) => net.kind === 'mean' ? forward(net, x) : softmax(forward(net, x))

// Mean loss over pixels `xs` whose colours have the numbers `ts`, and its gradient for all weights, backwards through both layers
export function gradient(net, xs, ts) {
  const b = net.w[1], grads = net.w.map(w => new Float64Array(w.length)), n = xs.length
  const mid = new Float64Array(hidden), last = new Float64Array(net.out), back = new Float64Array(hidden)
  let loss = 0
  for (let i = 0; i < n; i++) {
    const [x, y] = xs[i], t = ts[i], square = net.kind === 'mean'
    forward(net, xs[i], mid, last)
    if (!square) loss -= Math.log(softmax(last)[t])
    back.fill(0)
    for (let k = 0, at = 0; k < net.out; k++, at += hidden + 1) {
      const off = last[k] - (square ? uvs[t][k] : +(k === t)), slope = (square ? 2 : 1) * off / n
      if (square) loss += off * off
      for (let j = 0; j < hidden; j++) {
        grads[1][at + j] += slope * mid[j]
        back[j] += slope * b[at + j]
      }
      grads[1][at + hidden] += slope
    }
    for (let j = 0; j < hidden; j++) {
      const s = back[j] * (1 - mid[j] ** 2)
      grads[0][3 * j] += s * x
      grads[0][3 * j + 1] += s * y
      grads[0][3 * j + 2] += s
    }
  }
  return {loss: loss / n, grads}
}

// One step of Adam
export function step(net, xs, ts) {
  const {loss, grads} = gradient(net, xs, ts)
  net.m ??= net.w.map(w => new Float64Array(w.length))
  net.v ??= net.w.map(w => new Float64Array(w.length))
  net.steps++
  net.w.forEach((w, l) => w.forEach((_, i) => {
    const g = grads[l][i], m = net.m[l][i] = .9 * net.m[l][i] + .1 * g, v = net.v[l][i] = .99 * net.v[l][i] + .01 * g * g
    w[i] -= rate * (m / (1 - .9 ** net.steps)) / (Math.sqrt(v / (1 - .99 ** net.steps)) + 1e-8)
  }))
  return loss
}

// The training photos; `red` of them are given a red balloon, the others a blue one. Of each, as many pixels are learned from.
export function makeLessons() {
  const next = random(7), every = (all, n) => Array.from({length: n}, (_, i) => all[Math.floor(i * all.length / n)])
  const all = Array.from({length: photos}, (_, i) => {
    const p = photo(side, side, 8 + Math.floor(5 * next()), [[4.5 + 8 * next(), 5 + 7 * next(), 4.2]], 100 + i)
    const [inside, around] = [true, false].map(yes => [...p.what.keys()].filter(j => p.what[j] < 0 === yes)), seen = look(p)
    return {...p, seen, learned: [...every(inside, 16), ...every(around, 32)]}
  })
  const order = all.map((_, i) => [next(), i]).sort(([a], [b]) => a - b).map(([, i]) => i)  // Red and blue ones are mixed
  const colors = red => all.map((p, i) => Array.from(p.what, t => t < 0 ? names.indexOf(order[i] < red ? 'red' : 'blue') : t))
  const targets = red => colors(red).flatMap((c, i) => all[i].learned.map(j => c[j]))
  return {all, colors, targets, xs: all.flatMap(p => p.learned.map(j => p.seen[j]))}
}

export default async function(el, {local = text => text} = {}) {
  const lessons = makeLessons(), test = photo(66, 40, 24, [[13, 13, 8], [35, 24, 9], [55, 12, 7]], 5), seen = look(test)
  const strip = lessons.all.map(() => canvas(side, side, ''))
  const views = ['squared error', 'cross-entropy'].map(x => `Answer of the network trained by ${x}`).concat('The photo in gray')
    .map(label => canvas(test.w, test.h, label))
  const n = 200, plane = canvas(n, n, ''), told = h('p', {class: 'numbers', role: 'status'})
  const middle = seen[24 * test.w + 35]  // Of a balloon
  let nets, red = 12, timer = 0, choose = 'likely', losses = [], targets

  const paint = (cv, y, uv) => fill(cv, (i, out) => yuv2rgb(y[i], ...uv(i)).forEach((x, c) => out[c] = 255 * x))
  const likely = p => uvs[p.reduce((best, x, i) => x > p[best] + .01 ? i : best, 0)]  // Of two that are level, the first
  const mean = p => [0, 1].map(c => p.reduce((s, x, i) => s + x * uvs[i][c], 0))
  const css = uv => `rgb(${yuv2rgb(light, ...uv).map(x => Math.round(255 * Math.min(Math.max(x, 0), 1))).join(' ')})`
  const place = ([u, v]) => [(u / .3 + 1) / 2 * n, (1 - v / .3) / 2 * n]

  const bars = names.map((name, i) => {
    const bar = h('i', {class: 'bar', style: `background: ${css(uvs[i])}`}), share = h('span', {class: 'share'})
    return {bar, share, el: h('li', {}, h('span', {}, name), h('span', {class: 'track', 'aria-hidden': 'true'}, bar), share)}
  })

  function lesson() {
    const colors = lessons.colors(red)
    targets = lessons.targets(red)
    strip.forEach((cv, i) => {
      paint(cv, lessons.all[i].y, j => uvs[colors[i][j]])
      cv.setAttribute('aria-label', `a ${names[colors[i][lessons.all[i].what.indexOf(-1)]]} balloon`)
    })
  }
  function draw() {
    paint(views[0], test.y, i => answer(nets[0], seen[i]))
    paint(views[1], test.y, i => (choose === 'likely' ? likely : mean)(answer(nets[1], seen[i])))
    const [u, v] = answer(nets[0], middle), p = answer(nets[1], middle), ctx = plane.getContext('2d')
    fill(plane, (i, out) => yuv2rgb(light, (2 * (i % n) / n - 1) * .3, (1 - 2 * Math.floor(i / n) / n) * .3)
      .forEach((x, c) => out[c] = 255 * Math.min(Math.max(x, 0), 1)))
    const dot = (at, r, color) => {
      ctx.strokeStyle = ctx.fillStyle = color
      ctx.beginPath()
      ctx.arc(...place(at), r, 0, 7)
    }
    ctx.font = '600 16px sans-serif'
    ctx.strokeStyle = '#fff'
    ctx.beginPath()
    ctx.moveTo(...place(bins.red))
    ctx.lineTo(...place(bins.blue))
    ctx.stroke()
    for (const name of ['red', 'blue']) {
      dot(bins[name], 4, '#fff')
      ctx.fill()
      ctx.textAlign = name === 'red' ? 'left' : 'right'
      ctx.fillText(local(name), place(bins[name])[0] + (name === 'red' ? 9 : -9), place(bins[name])[1] + 6)
    }
    for (const [color, wide] of [['#000', 6], ['#fff', 3]]) ctx.lineWidth = wide, dot([u, v], 9, color), ctx.stroke()
    ctx.lineWidth = 1
    plane.setAttribute('aria-label', `All colours of one luma; the answer for a balloon is U ${u.toFixed(2)}, V ${v.toFixed(2)}`)
    one.textContent = `U ${u.toFixed(2)}, V ${v.toFixed(2)}`
    swatch.style.background = css([u, v])
    bars.forEach(({bar, share}, i) => {
      bar.style.width = `${p[i] * 100}%`
      share.textContent = `${Math.round(p[i] * 100)} %`
    })
    const [square, cross] = losses
    told.textContent = `step ${nets[0].steps}: `
      + (losses.length ? `squared error ${square.toFixed(4)}, cross-entropy ${cross.toFixed(3)}` : 'nothing is learned yet')
  }
  function learn(times = 1) {
    for (let i = 0; i < times; i++) losses = nets.map(net => step(net, lessons.xs, targets))
    draw()
  }
  function stop() {
    cancelAnimationFrame(timer)
    timer = 0
    train.textContent = 'Train'
  }
  function run() {
    learn(2)
    if (nets[0].steps % most < 2) stop()
    else timer = requestAnimationFrame(run)
  }
  function reset() {
    stop()
    nets = ['mean', 'likely'].map(kind => makeNet(kind))
    losses = []
    draw()
  }
  const button = (words, onclick) => h('button', {type: 'button', onclick}, words)
  const train = button('Train', () => {
    if (timer) return stop()
    train.textContent = 'Pause'
    timer = requestAnimationFrame(run)
  })
  const one = h('span', {class: 'numbers'}), swatch = h('i', {class: 'swatch'})
  const panel = (name, ...what) => h('div', {class: 'panel'}, h('span', {class: 'name'}, name), ...what)
  const wide = (...what) => {
    const p = panel(...what)
    p.classList.add('wide')
    return p
  }
  el.append(h('style', {}, `
    .cn .lessons { display: grid; grid-template-columns: repeat(10, 1fr); gap: 4px; }
    .cn .lessons canvas { width: 100%; }
    .cn .bars { list-style: none; margin: .4rem 0; padding: 0; font-variant-numeric: tabular-nums; }
    .cn .bars li { display: flex; align-items: center; gap: .5rem; margin: .1rem 0; }
    .cn .bars li > span:first-child { flex: 0 0 3.4rem; }
    .cn .bars .track { flex: 1; height: 1rem; background: var(--cn-back); border: 1px solid var(--cn-line); }
    .cn .bars .share { flex: 0 0 3rem; text-align: right; }
    .cn .bar { display: block; height: 100%; }
    .cn .cn-row > .wide { flex-basis: 14rem; }
    .cn .answer { display: flex; gap: .8rem; align-items: center; margin: .4rem 0; }
    .cn .answer canvas { width: 9rem; flex: none; }`),
    panel(`${photos} photos to learn from; in gray, nothing tells a red balloon from a blue one`,
      h('div', {class: 'lessons'}, ...strip)),
    slider('red balloons', {min: 0, max: photos, value: red, text: x => `${x} of ${photos}`,
      moved: x => { red = x; lesson(); draw() }}).el,
    h('div', {class: 'cn-row'}, train, button('One step', () => { stop(); learn() }), button('Start again', reset)), told,
    h('div', {class: 'cn-row equal'},
      panel('a gray photo', views[2]), panel('squared error', views[0]), panel('cross-entropy', views[1])),
    radios('cross-entropy shows', ['the most likely colour', 'the mean of all colours'],
      i => { choose = i ? 'mean' : 'likely'; draw() }),
    h('div', {class: 'cn-row'},
      wide('squared error: one colour for a balloon', h('div', {class: 'answer'}, plane, h('span', {}, swatch, one))),
      wide('cross-entropy: how likely each colour is for a balloon', h('ul', {class: 'bars'}, ...bars.map(b => b.el)))))
  fill(views[2], (i, out) => out.fill(255 * test.y[i]))
  lesson()
  reset()
}
