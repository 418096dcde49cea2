// What belongs to a photo beside its pixels: EXIF, XMP and dots an inch come out of the file that was given, and go into the PNG
// that is handed out, with a word on who made its colours. The rules are those of `colornet/photo.py` and `colornet/save.py`.

const text = data => String.fromCharCode(...data)
const utf8 = data => new TextDecoder('utf-8', {ignoreBOM: true, fatal: true}).decode(data)
const behind = (data, head) => text(data.subarray(0, head.length)) === head ? data.subarray(head.length) : null
const perMetre = inCm => inCm ? 100 : 1 / .0254
const view = data => new DataView(data.buffer, data.byteOffset, data.byteLength)

// Parts of a JPEG up to its pixels
function* segments(data) {
  for (let at = 2; at + 4 <= data.length && data[at] === 0xff;) {
    const mark = data[at + 1], n = view(data).getUint16(at + 2)
    if (mark === 0xff) { at++; continue }
    if (mark === 0xda || mark === 0xd9) return
    yield {mark, body: data.subarray(at + 4, at + 2 + n)}
    at += 2 + n
  }
}

// Parts of a PNG
function* chunks(data) {
  for (let at = 8, n; at + 12 <= data.length; at += 12 + n) {
    n = view(data).getUint32(at)
    yield {type: text(data.subarray(at + 4, at + 8)), body: data.subarray(at + 8, at + 8 + n), all: data.subarray(at, at + 12 + n)}
  }
}

// EXIF of an upright photo, without thumbnail, and its dots a metre. Damaged EXIF counts as none.
function clean(tiff) {
  const exif = tiff.slice(), v = view(exif), order = text(exif.subarray(0, 4)), little = order === 'II*\0'
  if (!little && order !== 'MM\0*') return {}
  const u16 = at => v.getUint16(at, little), u32 = at => v.getUint32(at, little)
  const table = at => ({tags: new Map(Array.from({length: u16(at)}, (_, i) => [u16(at + 2 + 12 * i), at + 10 + 12 * i])),
    next: at + 2 + 12 * u16(at)})
  const swap = (tags, a, b) => {
    if (!tags.has(a) || !tags.has(b)) return
    const [was, other] = [u32(tags.get(a)), u32(tags.get(b))]
    v.setUint32(tags.get(a), other, little)
    v.setUint32(tags.get(b), was, little)
  }
  const {tags, next} = table(u32(4)), turned = tags.has(0x112) && u16(tags.get(0x112)) > 4
  let end = exif.length
  if (u32(next)) {  // The thumbnail, which is gray
    const small = table(u32(next)).tags
    if (small.has(0x201) && small.has(0x202)) {
      const from = u32(small.get(0x201)), to = from + u32(small.get(0x202))
      exif.fill(0, from, to)
      if (to >= end) end = from
    }
    v.setUint32(next, 0, little)
  }
  if (tags.has(0x112)) v.setUint16(tags.get(0x112), 1, little)
  if (turned) {
    swap(tags, 0x11a, 0x11b)
    if (tags.has(0x8769)) swap(table(u32(tags.get(0x8769))).tags, 0xa002, 0xa003)
  }
  const unit = tags.has(0x128) ? u16(tags.get(0x128)) : 2, part = at => u32(u32(at)) / u32(u32(at) + 4)
  const told = unit > 1 && tags.has(0x11a) && tags.has(0x11b)
  return {exif: exif.subarray(0, end), turned, dots: told && [0x11a, 0x11b].map(t => part(tags.get(t)) * perMetre(unit === 3))}
}

function jpeg(data) {
  const found = {}
  for (const {mark, body} of segments(data)) {
    if (mark === 0xe0 && behind(body, 'JFIF\0') && body[7]) {
      found.dots = [8, 10].map(at => view(body).getUint16(at) * perMetre(body[7] === 2))
    }
    if (mark === 0xe1) {
      found.tiff ||= behind(body, 'Exif\0\0')
      found.xmp ||= behind(body, 'http://ns.adobe.com/xap/1.0/\0')
    }
  }
  return found
}

async function png(data) {
  const found = {}
  for (const {type, body} of chunks(data)) {
    if (type === 'pHYs' && body[8] === 1) found.dots = [view(body).getUint32(0), view(body).getUint32(4)]
    if (type === 'eXIf') found.tiff = body
    const xmp = type === 'iTXt' && behind(body, 'XML:com.adobe.xmp\0')
    if (!xmp) continue
    const from = xmp.indexOf(0, xmp.indexOf(0, 2) + 1) + 1, packed = new Blob([xmp.subarray(from)])
    const open = xmp[0] ? packed.stream().pipeThrough(new DecompressionStream('deflate')) : packed
    found.xmp = new Uint8Array(await new Response(open).arrayBuffer())
  }
  return found
}

const sane = dots => dots && dots.every(x => x > 0 && x < 1e6) ? dots : null
const attempt = f => { try { return f() } catch { return null } }

// What goes along with a photo: {exif, xmp, dots}, dots across and down a metre; what there is not, is missing. Only of JPEG and PNG.
export async function papers(file) {
  const data = new Uint8Array(await file.arrayBuffer())
  const found = data[0] === 0xff && data[1] === 0xd8 ? attempt(() => jpeg(data))
    : behind(data, '\x89PNG\r\n\x1a\n') ? await png(data).catch(() => null) : null
  if (!found) return {}
  const own = found.tiff && attempt(() => clean(found.tiff)) || {}, dots = sane(found.dots) || sane(own.dots)
  const xmp = found.xmp && attempt(() => utf8(found.xmp))
  return {exif: own.exif, dots: own.turned && dots ? [...dots].reverse() : dots,
    xmp: !xmp || xmp.includes('hdrgm:') ? null  // It tells of a second picture, which we do not keep
      : xmp.replace(/(tiff:Orientation(?:="|>))\d/g, '$11').replace(/<xmp:Thumbnails>.*?<\/xmp:Thumbnails>/gs, '')}
}

// XMP that says that a machine guessed the colours, with all that it said before. `signed` is what `sign` makes of no XMP.
export function sign(xmp, signed) {
  if (!xmp?.includes('</rdf:RDF>')) return signed
  const ours = 'DigitalSourceType|AISystemUsed|AISystemVersionUsed', said = signed.match(/<rdf:Description[^>]*\/>\n/)[0]
  const rest = xmp.replace(/<rdf:Description[^>]*? colornet:Settings=[^>]*\/>\n?/g, '')
    .replace(RegExp(`\\s*Iptc4xmpExt:(?:${ours})="[^"]*"`, 'g'), '')
    .replace(RegExp(`<Iptc4xmpExt:(${ours})(?:\\s[^>]*)?(?:/>|>.*?</Iptc4xmpExt:\\1>)`, 'gs'), '')
  const at = rest.lastIndexOf('</rdf:RDF>')
  return rest.slice(0, at) + said + rest.slice(at)
}

const crcs = Uint32Array.from({length: 256}, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? n >>> 1 ^ 0xedb88320 : n >>> 1
  return n
})

function chunk(type, body) {
  const all = new Uint8Array(12 + body.length), v = view(all)
  v.setUint32(0, body.length)
  all.set(new TextEncoder().encode(type), 4)
  all.set(body, 8)
  let crc = -1
  for (const x of all.subarray(4, -4)) crc = crcs[(crc ^ x) & 255] ^ crc >>> 8
  v.setUint32(all.length - 4, ~crc)
  return all
}

// A PNG with the papers of a photo, in place of those that the browser may have given it
export async function dress(blob, {exif, xmp, dots}) {
  const data = new Uint8Array(await blob.arrayBuffer()), [head, ...rest] = [...chunks(data)], add = []
  if (dots) {
    const body = new Uint8Array(9)
    dots.forEach((x, i) => view(body).setUint32(4 * i, Math.round(x)))
    body[8] = 1
    add.push(chunk('pHYs', body))
  }
  if (exif) add.push(chunk('eXIf', exif))
  if (xmp) add.push(chunk('iTXt', new TextEncoder().encode(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`)))
  const kept = rest.filter(({type}) => !['pHYs', 'eXIf', 'iTXt'].includes(type))
  return new Blob([data.subarray(0, 8), head.all, ...add, ...kept.map(c => c.all)], {type: 'image/png'})
}
