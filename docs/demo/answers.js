// The arithmetic of `colornet/answers.py`: which regions could as well have another colour. No page and no network in here.
import {flow} from '../live/flow.js'

const near = .1, floor = .35, least = .015, tries = 4, most = 24, dull = .08  // Their words stand there

// Means over blocks of 4x4 pixels, the border repeated
function quarter(x, [w, h], [W, H]) {
  const out = new Float32Array(W * H)
  for (let r = 0; r < 4 * H; r++) for (let c = 0; c < 4 * W; c++) {
    out[(r >> 2) * W + (c >> 2)] += x[Math.min(r, h - 1) * w + Math.min(c, w - 1)] / 16
  }
  return out
}

// Likelihoods of all colours on the map, plane by plane, by softmax
function likelihoods(scores, n, plane) {
  const p = new Float32Array(n * plane)
  for (let i = 0; i < plane; i++) {
    let top = -Infinity, sum = 0
    for (let b = 0; b < n; b++) top = Math.max(top, scores[b * plane + i])
    for (let b = 0; b < n; b++) sum += p[b * plane + i] = Math.exp(scores[b * plane + i] - top)
    for (let b = 0; b < n; b++) p[b * plane + i] /= sum
  }
  return p
}

// The connected part of a mask that holds a place
function around(mask, seed, [w, h]) {
  const part = new Uint8Array(mask.length), todo = [seed]
  part[seed] = 1
  while (todo.length) {
    const i = todo.pop(), c = i % w
    for (const j of [c ? i - 1 : -1, c < w - 1 ? i + 1 : -1, i - w, i + w]) {
      if (j < 0 || j >= mask.length || !mask[j] || part[j]) continue
      part[j] = 1
      todo.push(j)
    }
  }
  return part
}

const count = mask => mask.reduce((a, b) => a + b, 0)

// Connected parts where odds are above the floor, those of some size, the strongest first
function parts(odds, size) {
  const left = Uint8Array.from(odds, o => o > floor), found = []
  for (let t = 0; t < tries && count(left) >= least * left.length; t++) {
    let seed = 0
    for (let i = 0; i < left.length; i++) if (odds[i] * left[i] > odds[seed] * left[seed]) seed = i
    const part = around(left, seed, size)
    for (let i = 0; i < left.length; i++) if (part[i]) left[i] = 0
    if (count(part) >= least * part.length) found.push(part)
  }
  return found
}

// Two rivals are one: most of the smaller region lies in the other, and their colours are alike.
function same(a, b) {
  const both = a.part.reduce((s, x, i) => s + (x & b.part[i]), 0)
  return both > Math.min(a.size, b.size) / 2 && Math.hypot(a.color[0] - b.color[0], a.color[1] - b.color[1]) < 1.5 * near
}

// Regions that could as well have another colour, the strongest first: as `mark` of flow.js gives hints, with their odds.
export function rivals(y, now, scores, bins, size, low, wanted = 3) {
  const n = bins.length, plane = low[0] * low[1], p = likelihoods(scores, n, plane)
  const close = bins.map(([u, v]) => bins.flatMap(([a, b], i) => Math.hypot(u - a, v - b) < near ? [i] : []))
  const shown = now.map(x => quarter(x, size, low)), here = new Float32Array(plane)
  const away = (b, i) => Math.hypot(shown[0][i] - bins[b][0], shown[1][i] - bins[b][1])
  for (let b = 0; b < n; b++) for (let i = 0; i < plane; i++) if (away(b, i) < near) here[i] += p[b * plane + i]
  const all = bins.flatMap(([u, v], b) => {
    if (Math.hypot(u - .5, v - .5) <= dull) return []  // Gray rivals everything, and nobody asks for it
    const there = new Float32Array(plane), odds = new Float32Array(plane)
    for (const k of close[b]) for (let i = 0; i < plane; i++) there[i] += p[k * plane + i]
    let sum = 0
    for (let i = 0; i < plane; i++) {
      odds[i] = away(b, i) > 1.5 * near ? there[i] / (there[i] + here[i]) : 0
      if (odds[i] > floor) sum += odds[i]
    }
    return [{b, there, odds, sum}]
  }).sort((a, b) => b.sum - a.sum).slice(0, most)
  const spread = flow(quarter(y, size, low), all.map(r => r.odds), new Float64Array(plane).fill(1), low)
  const found = all.flatMap(({b, there}, k) => parts(spread[k], low).map(part => {
    const mean = x => x.reduce((s, a, i) => s + a * part[i], 0) / count(part)
    const share = close[b].map(j => mean(p.subarray(j * plane, (j + 1) * plane))), sum = share.reduce((s, a) => s + a)
    return {part, size: count(part), color: [0, 1].map(c => close[b].reduce((s, j, i) => s + share[i] * bins[j][c], 0) / sum),
      rank: spread[k].reduce((s, o, i) => s + o * part[i], 0), odds: [mean(there), mean(here)]}
  })).sort((a, b) => b.rank - a.rank)
  const kept = []
  for (const f of found) if (!kept.some(k => same(f, k))) kept.push(f)
  const [w, h] = size
  return kept.slice(0, wanted).map(({part, color, odds}) => {
    const said = new Uint8Array(w * h)
    for (let r = 0, i = 0; r < h; r++) for (let c = 0; c < w; c++, i++) said[i] = part[(r >> 2) * low[0] + (c >> 2)]
    return {said, uv: color.map(x => Float32Array.from(said, s => s ? x : .5)), n: 0, color, odds}
  })
}
