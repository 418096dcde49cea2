// The arithmetic of `colornet/pixels.py` and `infer.py`, number for number. No page and no network in here: node can test it.

export const shares = [.299, .587, .114]

// Python's round: halves go to the even neighbour.
export const round = x => Math.abs(x % 1) === .5 ? 2 * Math.round(x / 2) : Math.round(x)

// Width and height at which the network sees a photo, the long side at most four times the short.
export function netSize(w, h, size) {
  const short = Math.min(w, h), long = Math.min(round(Math.max(w, h) * size / short), 4 * size)
  return w <= h ? [size, long] : [long, size]
}

// Luma of RGBA bytes, 0 to 65535, in 16 bits as in Python.
export function luma(rgba, out = new Uint16Array(rgba.length / 4)) {
  const [r, g, b] = shares
  for (let i = 0, j = 0; i < out.length; i++, j += 4) out[i] = (r * rgba[j] + g * rgba[j + 1] + b * rgba[j + 2]) * 257 + .5
  return out
}

// Pillow's bilinear weights along one axis: a triangle that widens where a picture shrinks.
export function weights(n, to) {
  const scale = n / to, wide = Math.max(scale, 1), rows = []
  for (let i = 0; i < to; i++) {
    const middle = (i + .5) * scale
    const from = Math.max(Math.floor(middle - wide + .5), 0), end = Math.min(Math.floor(middle + wide + .5), n)
    const k = Array.from({length: end - from}, (_, j) => Math.max(1 - Math.abs(j + from - middle + .5) / wide, 0))
    const sum = k.reduce((a, b) => a + b, 0)
    rows.push({from, k: k.map(x => x / sum)})
  }
  return rows
}

// Rows of `x` (w wide, h high) brought to a width.
function across(x, w, h, to, factor = 1) {
  const out = new Float32Array(to * h), rows = weights(w, to)
  for (let i = 0; i < to; i++) {
    const {from, k} = rows[i]
    for (let y = 0, at = from, o = i; y < h; y++, at += w, o += to) {
      let sum = 0
      for (let j = 0; j < k.length; j++) sum += k[j] * x[at + j]
      out[o] = sum * factor
    }
  }
  return out
}

function down(x, w, h, to) {
  const out = new Float32Array(w * to), rows = weights(h, to)
  for (let i = 0; i < to; i++) {
    const {from, k} = rows[i]
    for (let c = 0; c < w; c++) {
      let sum = 0
      for (let j = 0, at = from * w + c; j < k.length; j++, at += w) sum += k[j] * x[at]
      out[i * w + c] = sum
    }
  }
  return out
}

// A plane of numbers resized as Pillow resizes, first across, then down.
export const resize = (x, [w, h], [W, H], factor = 1) => down(across(x, w, h, W, factor), W, h, H)

// Fill up at the right and at the bottom by reflection, or by repeating where there is too little to reflect.
export function padTo(x, [w, h], multiple) {
  const fill = n => (multiple - n % multiple) % multiple
  const W = w + fill(w), H = h + fill(h), mirror = fill(w) < w && fill(h) < h
  const at = (i, n) => i < n ? i : mirror ? 2 * n - 2 - i : n - 1
  const out = new Float32Array(W * H)
  for (let y = 0; y < H; y++) for (let c = 0; c < W; c++) out[y * W + c] = x[at(y, h) * w + at(c, w)]
  return {data: out, size: [W, H]}
}

export function crop(x, [w], [W, H]) {
  const out = new Float32Array(W * H)
  for (let y = 0; y < H; y++) out.set(x.subarray(y * w, y * w + W), y * W)
  return out
}

// Mean over windows of 2r+1 pixels a side, the border repeated, by running sums.
function box(x, w, h, r) {
  const pass = (x, n, lines, step, hop) => {
    const out = new Float64Array(x.length)
    for (let l = 0; l < lines; l++) {
      const at = i => x[l * hop + Math.min(Math.max(i, 0), n - 1) * step]
      let sum = 0
      for (let i = -r; i <= r; i++) sum += at(i)
      for (let i = 0; i < n; i++) {
        out[l * hop + i * step] = sum / (2 * r + 1)
        sum += at(i + r + 1) - at(i - r)
      }
    }
    return out
  }
  return pass(pass(x, w, h, 1, w), h, w, w, 1)
}

// Chroma as a line over luma in each window (He, Sun and Tang 2010): slopes of U and V, then offsets.
export function followEdges(y, u, v, [w, h], r, eps = 1e-3) {
  const mean = x => box(x, w, h, r), map = f => Float64Array.from(y, (_, i) => f(i))
  const my = mean(y), yy = mean(map(i => y[i] * y[i]))
  const lines = [u, v].map(c => {
    const mc = mean(c), yc = mean(map(i => y[i] * c[i]))
    const a = map(i => (yc[i] - my[i] * mc[i]) / (yy[i] - my[i] * my[i] + eps))
    return [mean(a), mean(map(i => mc[i] - a[i] * my[i]))]
  })
  return [lines[0][0], lines[1][0], lines[0][1], lines[1][1]].map(x => Float32Array.from(x))
}

// Light and chroma, each in [0,1], as red, green and blue; what no screen can show goes toward gray.
export function join(y, u, v, saturation, out, o) {
  const [kr, kg, kb] = shares
  const db = (u - .5) * 2 * saturation * (1 - kb), dr = (v - .5) * 2 * saturation * (1 - kr), dg = -(kr * dr + kb * db) / kg
  const room = d => (d > 0 ? 1 - y : y) / Math.max(Math.abs(d), 1e-9)
  const s = Math.min(room(dr), room(dg), room(db), 1)
  out[o] = (y + dr * s) * 255
  out[o + 1] = (y + dg * s) * 255
  out[o + 2] = (y + db * s) * 255
}

// Colours at the photo's own size. `give` gets strips of RGBA, the row that each begins with, and its number of rows.
export function paint(y, [w, h], lines, [ws, hs], saturation, alpha, give, rows = 256) {
  const wide = lines.map(x => across(x, ws, hs, w)), ks = weights(hs, h)
  const line = lines.map(() => new Float32Array(w)), clip = x => Math.min(Math.max(x, 0), 1)
  for (let top = 0; top < h; top += rows) {
    const n = Math.min(rows, h - top), out = new Uint8ClampedArray(n * w * 4)  // Rounds halves to even, as Python does
    for (let i = 0; i < n; i++) {
      const {from, k} = ks[top + i]
      for (let p = 0; p < 4; p++) {
        const x = wide[p], l = line[p]
        for (let c = 0; c < w; c++) {
          let sum = 0
          for (let j = 0, at = from * w + c; j < k.length; j++, at += w) sum += k[j] * x[at]
          l[c] = sum
        }
      }
      for (let c = 0, at = (top + i) * w, o = i * w * 4; c < w; c++, at++, o += 4) {
        const light = y[at] / 65535
        join(light, clip(line[0][c] * light + line[2][c]), clip(line[1][c] * light + line[3][c]), saturation, out, o)
        out[o + 3] = alpha ? alpha[at] : 255
      }
    }
    give(out, top, n)
  }
}

// The careful chroma and the vivid one, plane by plane; both of one size.
export const mix = (careful, bold, vivid) => careful.map((a, i) => a + vivid * (bold[i] - a))

// Of what the second head holds possible at a place of its map: how likely each colour is, by softmax.
export function chances(scores, n, place, plane) {
  const x = Float64Array.from({length: n}, (_, i) => scores[i * plane + place])
  const top = x.reduce((a, b) => Math.max(a, b)), e = x.map(s => Math.exp(s - top)), sum = e.reduce((a, b) => a + b)
  return e.map(p => p / sum)
}

// The notes in an ONNX file (field 14 of the model), which the engine does not tell.
export function notes(bytes) {
  const found = {}, text = new TextDecoder()
  let at = 0
  const varint = () => {
    let x = 0
    for (let m = 1; ; m *= 128) {
      const b = bytes[at++]
      x += (b & 127) * m
      if (b < 128 || at >= bytes.length) return x
    }
  }
  const fields = (end, take) => {
    while (at < end) {
      const tag = varint(), wire = tag & 7
      if (wire === 0) varint()
      else if (wire === 1) at += 8
      else if (wire === 5) at += 4
      else {
        const n = varint(), from = at
        take(tag >> 3, from, from + n)
        at = from + n
      }
    }
  }
  fields(bytes.length, (field, from, end) => {
    if (field !== 14) return
    const pair = []
    fields(end, (f, a, b) => pair[f] = text.decode(bytes.subarray(a, b)))
    found[pair[1]] = pair[2]
  })
  return found
}

// The likeliest colours, each with the share of those around it: five that a reader can tell apart.
export function gather(all, most = 5, near = .1) {
  const left = [...all].sort((a, b) => b.p - a.p), found = []
  while (left.length && found.length < most) {
    const best = left[0], close = b => Math.hypot(b.u - best.u, b.v - best.v) < near
    found.push({...best, p: left.filter(close).reduce((s, b) => s + b.p, 0)})
    left.splice(0, left.length, ...left.filter(b => !close(b)))
  }
  return found.filter(b => b.p >= .01).sort((a, b) => b.p - a.p)
}
