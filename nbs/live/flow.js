// The arithmetic of `colornet/flow.py`: colours flow along equal luma. No page and no network in here: node can test it.
import {join, resize, round, shares} from './color.js'

// The constants of `colornet/flow.py`, whose words explain them; only `tol` is finer, since a round costs less here
const alpha = .001, leak = .0003, tol = .015, rounds = 60, floor = .03, heavy = 1e4
const limit = 448, gain = 1.15, calm = 2, usual = .12

// What counts as a step in a photo: its median difference between neighbours, found by counting in steps of a millionth
export function unit(y, [w, h], times = 1) {
  const found = new Uint32Array(80001), count = d => found[Math.min(Math.abs(d) * 1e6, 80000) | 0]++
  for (let r = 0, i = 0; r < h; r++) for (let c = 0; c < w; c++, i++) {
    if (c < w - 1) count(y[i + 1] - y[i])
    if (r < h - 1) count(y[i + w] - y[i])
  }
  let at = 0
  for (let sum = found[0], half = (2 * w * h - w - h) / 2; sum < half; sum += found[++at]) {}
  return Math.min(Math.max(times * at / 1e6, .01), .08)
}

// Links of equal luma to the right and downward; those that would leave the picture are 0.
export function links(y, [w, h], step) {
  const n = w * h, right = new Float64Array(n), down = new Float64Array(n)
  for (let r = 0, i = 0; r < h; r++) for (let c = 0; c < w; c++, i++) {
    right[i] = c < w - 1 ? Math.abs(y[i + 1] - y[i]) : -1
    down[i] = r < h - 1 ? Math.abs(y[i + w] - y[i]) : -1
  }
  step ??= unit(y, [w, h])
  const k = -1 / (2 * step * step)
  for (const x of [right, down]) for (let i = 0; i < n; i++) x[i] = x[i] < 0 ? 0 : Math.exp(x[i] * x[i] * k) + leak
  return [right, down]
}

// The matrix: links, and a pull on each pixel toward what was said. Rooms for numbers come with it.
function grid(right, down, pull, w, h) {
  const n = w * h, one = new Float64Array(n), diag = Float64Array.from(pull), room = () => new Float64Array(n)
  for (let i = 0; i < n; i++) {
    diag[i] += right[i] + down[i]
    if (i % w) diag[i] += right[i - 1]
    if (i >= w) diag[i] += down[i - w]
  }
  for (let i = 0; i < n; i++) one[i] = 1 / diag[i]
  return {right, down, pull, diag, one, w, h, x: room(), r: room()}
}

// `out` becomes the matrix times x; its product with x is given back.
function times({right, down, diag, w, h}, x, out) {
  let sum = 0
  for (let n = w * h, i = 0; i < n; i++) {
    let q = diag[i] * x[i]
    if (i < n - 1) q -= right[i] * x[i + 1]
    if (i < n - w) q -= down[i] * x[i + w]
    if (i) q -= right[i - 1] * x[i - 1]
    if (i >= w) q -= down[i - w] * x[i - w]
    sum += q * x[i]
    out[i] = q
  }
  return sum
}

// Blocks of 2x2 pixels: links between blocks add up, and so do pulls.
function coarser({right, down, pull, w, h}) {
  const W = (w + 1) >> 1, H = (h + 1) >> 1, planes = [0, 1, 2].map(() => new Float64Array(W * H))
  for (let r = 0, i = 0; r < h; r++) for (let c = 0; c < w; c++, i++) {
    const o = (r >> 1) * W + (c >> 1)
    if (c & 1) planes[0][o] += right[i] / 1.8
    if (r & 1) planes[1][o] += down[i] / 1.8
    planes[2][o] += pull[i]
  }
  return grid(...planes, W, H)
}

// Gauss and Seidel, forward from zero. What each equation then lacks is only what lies ahead of it.
function forward({right, down, one, w, h}, r, x) {
  for (let i = 0; i < w; i++) x[i] = (r[i] + (i ? right[i - 1] * x[i - 1] : 0)) * one[i]
  for (let i = w; i < w * h; i++) x[i] = (r[i] + right[i - 1] * x[i - 1] + down[i - w] * x[i - w]) * one[i]
}

function sweep({right, down, one, w, h}, r, x, back) {
  for (let n = w * h, k = 0; k < n; k++) {
    const i = back ? n - 1 - k : k
    let sum = r[i]
    if (i < n - 1) sum += right[i] * x[i + 1]
    if (i < n - w) sum += down[i] * x[i + w]
    if (i) sum += right[i - 1] * x[i - 1]
    if (i >= w) sum += down[i - w] * x[i - w]
    x[i] = sum * one[i]
  }
}

// One trip up the pyramid and back: about the x that `r` lacks. Forward first and backward last keeps it symmetric.
function cycle(grids, r, level = 0) {
  const g = grids[level], more = grids[level + 1], {right, down, x, w, h} = g
  forward(g, r, x)
  if (!more) {
    for (let i = 1; i < 16; i++) sweep(g, r, x, i % 2)  // A few pixels: near enough to solved
    return x
  }
  const W = more.w, n = w * h
  more.r.fill(0)
  for (let row = 0, i = 0; row < h; row++) for (let c = 0, o = (row >> 1) * W; c < w; c++, i++) {
    more.r[o + (c >> 1)] += (c < w - 1 ? right[i] * x[i + 1] : 0) + (i < n - w ? down[i] * x[i + w] : 0)
  }
  const z = cycle(grids, more.r, level + 1)
  for (let row = 0, i = 0; row < h; row++) for (let c = 0, o = (row >> 1) * W; c < w; c++, i++) x[i] += z[o + (c >> 1)]
  sweep(g, r, x, true)
  return x
}

function dot(a, b) {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

// Conjugate gradients with the trips as preconditioner, for one plane.
function solve(grids, b, tol) {
  const g = grids[0], n = b.length, x = new Float64Array(n), r = Float64Array.from(b), q = new Float64Array(n)
  let z = cycle(grids, r), left = Math.max(dot(r, z), 1e-30)
  const p = Float64Array.from(z), goal = tol * tol * left
  for (let round = 0; round < rounds; round++) {
    const a = left / Math.max(times(g, p, q), 1e-30)
    for (let i = 0; i < n; i++) {
      x[i] += a * p[i]
      r[i] -= a * q[i]
    }
    z = cycle(grids, r)
    const was = left
    left = Math.max(dot(r, z), 1e-30)
    if (left <= goal) break
    for (let i = 0, k = left / was; i < n; i++) p[i] = z[i] + k * p[i]
  }
  return x
}

// Planes of numbers flow along equal luma from where they are sure. Only the change is solved for: it is small.
export function flow(y, planes, sure, [w, h], weight = alpha, fine = tol, step) {
  if (!sure.some(s => s)) throw Error('nothing is sure; say a colour somewhere')
  const n = w * h, [right, down] = links(y, [w, h], step)
  const g = grid(right, down, sure.map(s => s * weight), w, h), grids = [g]
  while (Math.min(grids.at(-1).w, grids.at(-1).h) >= 4) grids.push(coarser(grids.at(-1)))
  return planes.map(said => {
    const b = new Float64Array(n), out = new Float32Array(n)
    times(g, said, b)
    for (let i = 0; i < n; i++) b[i] = g.pull[i] * said[i] - b[i]
    const x = solve(grids, b, fine)
    let low = Infinity, high = -Infinity
    for (let i = 0; i < n; i++) if (sure[i] > 0) {
      low = Math.min(low, said[i])
      high = Math.max(high, said[i])
    }
    for (let i = 0; i < n; i++) out[i] = Math.min(Math.max(said[i] + x[i], low), high)
    return out
  })
}

// Hints of a photo of `full` pixels drawn on a grid: chroma, where it was said, and how many. Of two that meet, the later counts.
// `on` is what was said before.
export function mark(y, [w, h], hints, full, on) {
  const uv = [0, 1].map(c => on ? on.uv[c].slice() : new Float32Array(w * h).fill(.5))
  const said = on ? on.said.slice() : new Uint8Array(w * h), rgb = [0, 0, 0]
  const [kr, kg, kb] = shares, sx = w / full[0], sy = h / full[1]
  for (const {x, y: top, color, radius} of hints) {
    const rx = Math.max(radius * sx, .71), ry = Math.max(radius * sy, .71)  // No hint falls between pixels
    const mx = (x + .5) * sx - .5, my = (top + .5) * sy - .5
    const [r, g, b] = [1, 3, 5].map(i => parseInt(color.slice(i, i + 2), 16) / 255), own = kr * r + kg * g + kb * b
    for (let row = Math.max(Math.ceil(my - ry), 0); row <= Math.min(my + ry, h - 1); row++) {
      for (let c = Math.max(Math.ceil(mx - rx), 0); c <= Math.min(mx + rx, w - 1); c++) {
        if (((c - mx) / rx) ** 2 + ((row - my) / ry) ** 2 > 1) continue
        const i = row * w + c, here = y[i], k = here / Math.max(own, 1e-3)
        join(here, .5 + (b - own) / (2 * (1 - kb)) * k, .5 + (r - own) / (2 * (1 - kr)) * k, 1, rgb, 0)
        uv[0][i] = .5 + (rgb[2] / 255 - here) / (2 * (1 - kb))
        uv[1][i] = .5 + (rgb[0] / 255 - here) / (2 * (1 - kr))
        said[i] = 1
      }
    }
  }
  return {uv, said, n: hints.length + (on?.n || 0)}
}

function smaller({uv, said, n}, from, to) {
  const share = resize(said, from, to)
  return {uv: uv.map(c => resize(c.map((x, i) => (x - .5) * said[i]), from, to).map((x, i) => x / Math.max(share[i], 1e-6) + .5)),
    said: Uint8Array.from(share, s => s > 0), n}
}

// A network's colours flow from where it is sure, and grow calm where it is not. `how` is 0 to 1; with hints it is all the way.
export function settle(y, uv, doubt, size, how, hints) {
  if (!how && !hints) return uv
  const [w, h] = size, short = Math.min(w, h)
  if (short > limit) {  // Only the change comes from the coarser grid
    const to = size.map(n => round(n * limit / short)), less = x => x && resize(x, size, to), small = uv.map(less)
    const there = settle(less(y), small, less(doubt), to, how, hints && smaller(hints, size, to))
    return uv.map((x, c) => resize(there[c].map((t, i) => t - small[c][i]), to, size).map((d, i) => d + x[i]))
  }
  const n = w * h, planes = [...uv.map(c => c.map(x => gain * (x - .5) + .5)), ...doubt ? [doubt.slice()] : []]
  const sure = new Float64Array(n)
  let sum = 0
  for (let i = 0; i < n; i++) sum += sure[i] = 1 / ((doubt ? doubt[i] ** 2 : 0) + floor ** 2)
  for (let i = 0; i < n; i++) {
    sure[i] *= n / sum
    if (!hints?.said[i]) continue
    sure[i] = heavy
    planes.forEach((p, c) => p[i] = c < 2 ? hints.uv[c][i] : 0)
  }
  const weight = alpha / (1 + (hints?.n ?? 0)), step = unit(y, size, hints?.n ? 2 : 1)  // A hand means more than its spot, and more than a guess
  const [u, v, d] = flow(y, planes, sure, size, weight, tol, step), far = hints ? 1 : how
  return uv.map((was, c) => was.map((x, i) => {
    const k = d ? Math.min(1, (1 + (calm * usual) ** 2) / (1 + (calm * d[i]) ** 2)) : 1
    return x + far * (k * ((c ? v : u)[i] - .5) + .5 - x)
  }))
}
