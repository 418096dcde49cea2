// The network and the heavy arithmetic, away from the page. One message in, one answer out; nothing is sent anywhere else.
import {chances, crop, followEdges, join, luma, mix, netSize, notes, padTo, paint, resize} from '../live/color.js'
import {rivals} from './answers.js'
import {mark, settle} from '../live/flow.js'

const most = 1600  // Longest side of the picture on the page; the download has the photo's own size
let ort, session, about, bins, photo

// A file, from the cache if it was here before; told piece by piece as it comes.
async function get(url, bytes, tell) {
  const cache = await self.caches?.open('colornet-demo').catch(() => null)
  const kept = await cache?.match(url)
  if (kept) {
    const data = new Uint8Array(await kept.arrayBuffer())
    tell(data.length)
    if (!bytes || data.length === bytes) return data
  }
  const answer = await fetch(url)
  if (!answer.ok) throw Error(`${new URL(url).pathname}: cannot be loaded (${answer.status}); try again later`)
  const parts = [], reader = answer.body.getReader()
  let n = 0
  for (let part; !(part = await reader.read()).done;) {
    parts.push(part.value)
    tell(n += part.value.length)
  }
  const data = new Uint8Array(n)
  n = 0
  for (const p of parts) {
    data.set(p, n)
    n += p.length
  }
  if (bytes && n !== bytes) throw Error(`${new URL(url).pathname}: came with ${n} bytes in place of ${bytes}; try again later`)
  try {
    for (const old of await cache?.keys() || []) if (new URL(old.url).pathname === new URL(url).pathname) await cache.delete(old)
    await cache?.put(url, new Response(data))
  } catch {}  // No room: it will be loaded again next time
  return data
}

async function hasGpu() {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null)
  return adapter && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter)  // One made of software is slower than wasm
}

const engines = {
  webgpu: {js: 'ort.webgpu.bundle.min.mjs', file: 'ort-wasm-simd-threaded.asyncify'},
  wasm: {js: 'ort.wasm.bundle.min.mjs', file: 'ort-wasm-simd-threaded'},
}

async function start(kind, {base, vendor, info}, tell) {
  const {js, file} = engines[kind], mark = info.mark ? `?v=${info.mark}` : ''
  const sizes = [info.bytes || 0, info.engines?.[kind] || 0], got = [0, 0]
  const progress = i => n => {
    got[i] = n
    tell({kind: 'progress', done: got[0] + got[1], all: Math.max(sizes[0] + sizes[1], got[0] + got[1])})
  }
  const [model, wasm, lib] = await Promise.all([get(`${base}model.onnx${mark}`, sizes[0], progress(0)),
    get(`${vendor}${file}.wasm?v=${sizes[1]}`, sizes[1], progress(1)), import(`${vendor}${js}`)])
  tell({kind: 'progress', done: 1, all: 1})
  const threads = self.crossOriginIsolated ? Math.min(navigator.hardwareConcurrency || 1, 8) : 1
  lib.env.logLevel = 'error'
  Object.assign(lib.env.wasm, {wasmPaths: {mjs: `${vendor}${file}.mjs`, wasm: `${vendor}${file}.wasm`}, wasmBinary: wasm.buffer,
    numThreads: threads})
  about = notes(model)
  if (about.colornet !== 'onnx 1') throw Error('model.onnx: is no network of colornet; build the site again')
  // Weights are stored in 8 bits; this makes numbers of them once, not at every run
  const extra = {session: {disable_quant_qdq: '1'}}
  session = await lib.InferenceSession.create(model, {executionProviders: [kind], extra, logSeverityLevel: 3})
  ort = lib
  bins = info.bins || []
  return {backend: kind === 'webgpu' ? 'WebGPU' : `WebAssembly, ${threads} thread${threads > 1 ? 's' : ''}`,
    vivid: +(about.vivid || 0),
    twoHeads: session.outputNames.includes('scores'), threads, kind}
}

const does = {
  async load(m, tell) {
    const kind = m.engine || (await hasGpu() ? 'webgpu' : 'wasm')
    if (kind === 'wasm') return start('wasm', m, tell)
    try { return await start(kind, m, tell) }
    catch { return start('wasm', m, tell) }
  },

  // Luma of a photo, kept here
  async open({bitmap}) {
    const w = bitmap.width, h = bitmap.height, y = new Uint16Array(w * h)
    let alpha = new Uint8Array(w * h), opaque = true
    const rows = Math.max(1, Math.floor(4e6 / w)), canvas = new OffscreenCanvas(w, Math.min(rows, h))
    const ctx = canvas.getContext('2d', {willReadFrequently: true})
    for (let top = 0; top < h; top += rows) {  // In strips: the whole photo as RGBA may not fit
      const n = Math.min(rows, h - top)
      ctx.clearRect(0, 0, w, n)
      ctx.drawImage(bitmap, 0, -top)
      const {data} = ctx.getImageData(0, 0, w, n)
      luma(data, y.subarray(top * w, (top + n) * w))
      for (let i = 0, o = top * w; i < n * w; i++) if ((alpha[o + i] = data[4 * i + 3]) < 255) opaque = false
    }
    bitmap.close()
    if (opaque) alpha = null
    photo = {y, alpha, size: [w, h]}
    const k = Math.min(1, most / Math.max(w, h)), small = [Math.max(1, Math.round(w * k)), Math.max(1, Math.round(h * k))]
    photo.view = k === 1 ? photo : {y: Uint16Array.from(resize(y, [w, h], small)), size: small,
      alpha: alpha && Uint8Array.from(resize(alpha, [w, h], small))}
    return {size: [w, h], gray: await picture(photo.view, gray => gray)}
  },

  // The one run of the network
  async guess({size}) {
    const t0 = performance.now(), small = netSize(...photo.size, size)
    const y = resize(photo.y, photo.size, small, 1 / 65535), pad = padTo(y, small, +about.multiple)
    const [W, H] = pad.size
    const t1 = performance.now()
    const out = await session.run({gray: new ort.Tensor('float32', pad.data, [1, 1, H, W])})
    const seconds = (performance.now() - t1) / 1000
    const n = W * H, uv = out.uv.data, factor = +(about.factor || 1), cut = x => crop(x, pad.size, small)
    const careful = [0, 1].map(c => cut(uv.subarray(c * n, (c + 1) * n)).map(x => (x - .5) * factor + .5))
    photo.guess = {size, small, y, careful, pad: pad.size}
    if (out.bold) {
      const low = [out.bold.dims[3], out.bold.dims[2]], m = low[0] * low[1]
      photo.guess.bold = [0, 1].map(c => cut(resize(out.bold.data.slice(c * m, (c + 1) * m), low, pad.size)))
      photo.guess.doubt = crop(resize(out.doubt.data, low, [low[0] * 4, low[1] * 4]), [low[0] * 4], small)
      Object.assign(photo.guess, {scores: out.scores.data.slice(), low})
    }
    for (const t of Object.values(out)) t.dispose()
    return {small, seconds, all: (performance.now() - t0) / 1000}
  },

  // Colours from the guess: no run of the network
  async paint({vivid, saturation, flow = 1, hints = [], answer, whole}) {
    const {small, size, y, doubt, others} = photo.guess, to = whole ? photo : photo.view, said = others?.[answer - 1]
    const key = JSON.stringify([vivid, hints.length ? 1 : flow, hints, answer || 0]), t0 = performance.now()
    if (photo.guess.key !== key) {
      const calm = settle(y, mixed(vivid), doubt, small, flow, hints.length ? mark(y, small, hints, photo.size, said) : said)
      photo.guess.lines = followEdges(y, ...calm, small, Math.max(1, Math.floor(size / 28)))
      photo.guess.key = key
    }
    const settled = (performance.now() - t0) / 1000, {lines} = photo.guess
    return {settled, blob: await draw(to, whole, give => paint(to.y, to.size, lines, small, saturation, to.alpha, give))}
  },

  // Other answers: regions that could as well have another colour. They stay until they are asked for anew.
  async others({vivid, flow}) {
    const {small, y, doubt, scores, low} = photo.guess
    photo.guess.others = rivals(y, settle(y, mixed(vivid), doubt, small, flow), scores, bins, small, low)
    photo.guess.key = null
    return photo.guess.others.map(({odds}) => odds)
  },

  async doubt() {
    const {size} = photo.view, d = resize(photo.guess.doubt, photo.guess.small, size)
    return {blob: await picture({...photo.view, alpha: null}, (_, i) => d[i] / .3 * 65535)}
  },

  // What is possible at a place, given in shares of width and height
  async point({x, y}) {
    const {size, y: light} = photo, {scores, low, small, pad} = photo.guess
    const at = (s, n) => Math.min(Math.floor(s * n), n - 1)
    const level = light[at(y, size[1]) * size[0] + at(x, size[0])] / 65535
    if (!scores) return {level, all: []}
    const place = at(y * small[1] / pad[1], low[1]) * low[0] + at(x * small[0] / pad[0], low[0])
    const p = chances(scores, bins.length, place, low[0] * low[1]), rgb = new Uint8ClampedArray(3)
    const all = bins.map(([u, v], i) => {
      join(level, u, v, 1, rgb, 0)
      return {u, v, p: p[i], rgb: [...rgb]}
    })
    return {level, all}
  },
}

// Chroma of both heads, before it flows
function mixed(vivid) {
  const {careful, bold} = photo.guess
  return careful.map((x, c) => bold && vivid ? mix(x, bold[c], vivid) : x)
}

async function draw({size: [w, h], alpha}, whole, fill) {
  const canvas = new OffscreenCanvas(w, h), ctx = canvas.getContext('2d')
  fill((data, top, n) => ctx.putImageData(new ImageData(data, w, n), 0, top))
  return canvas.convertToBlob(whole || alpha ? {type: 'image/png'} : {type: 'image/jpeg', quality: .95})
}

// A gray picture of a photo's size, `f` of luma
const picture = (to, f) => draw(to, false, give => {
  const [w, h] = to.size, out = new Uint8ClampedArray(w * h * 4)
  for (let i = 0; i < w * h; i++) {
    out[4 * i] = out[4 * i + 1] = out[4 * i + 2] = f(to.y[i], i) / 257
    out[4 * i + 3] = to.alpha ? to.alpha[i] : 255
  }
  give(out, 0, h)
})

let busy = Promise.resolve()
self.onmessage = ({data}) => {
  busy = busy.then(async () => {
    try { self.postMessage({id: data.id, done: await does[data.kind](data, m => self.postMessage(m))}) }
    catch (e) { self.postMessage({id: data.id, error: String(e?.message || e)}) }
  })
}
