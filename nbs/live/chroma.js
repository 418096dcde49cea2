// How small may chroma be? Luma stays full, U and V shrink and are enlarged again.
import {canvas, fill, h, pixels, rgb2yuv, slider, yuv2rgb} from './lib.js'
import {resize} from './color.js'

const side = 224, sides = [224, 192, 160, 128, 112, 96, 80, 64, 56, 48, 40, 32, 28, 24, 20, 16, 14, 12, 10, 8, 7]

export default async function(el, {asset}) {
  const im = await pixels(asset('../demo/samples/chelsea.jpg'), true), count = side * side
  const plane = c => Float32Array.from({length: im.width ** 2}, (_, i) => im.data[4 * i + c] / 255)
  const rgb = [0, 1, 2].map(c => resize(plane(c), [im.width, im.width], [side, side]))
  const yuv = [0, 1, 2].map(() => new Float32Array(count))
  for (let i = 0; i < count; i++) rgb2yuv(rgb[0][i], rgb[1][i], rgb[2][i]).forEach((x, c) => yuv[c][i] = x)

  const truth = canvas(side, side, 'The photo as it is')
  const guess = canvas(side, side, 'The photo with full luma and small chroma')
  const small = canvas(side, side, 'The small chroma itself, at one luma')
  const told = h('p', {class: 'numbers', role: 'status'}), clip = x => Math.min(Math.max(x, 0), 1)
  const names = ['photo', '', ''].map(t => h('span', {class: 'name'}, t))
  fill(truth, (i, out) => rgb.forEach((p, c) => out[c] = p[i] * 255))

  function draw(n) {
    const uv = yuv.slice(1).map(p => resize(p, [side, side], [n, n])), big = uv.map(p => resize(p, [n, n], [side, side]))
    let square = 0
    fill(guess, (i, out) => yuv2rgb(yuv[0][i], big[0][i], big[1][i]).forEach((x, c) => {
      square += (clip(x) - rgb[c][i]) ** 2
      out[c] = clip(x) * 255
    }))
    small.width = small.height = n
    fill(small, (i, out) => yuv2rgb(.6, uv[0][i], uv[1][i]).forEach((x, c) => out[c] = clip(x) * 255))
    names[1].textContent = `chroma of ${n} × ${n}`
    names[2].textContent = 'that chroma, at one luma'
    const psnr = 10 * Math.log10(3 * count / square), share = (n / side) ** 2 * 100
    told.textContent = `chroma ${n} × ${n}: ${share.toFixed(share < 10 ? 1 : 0)} % of its numbers are left`
      + (n === side ? '; nothing is lost' : `; PSNR ${psnr.toFixed(1)} dB`)
  }

  small.style.imageRendering = 'pixelated'
  const range = slider('size of chroma', {min: 0, max: sides.length - 1, value: 0, text: i => `${sides[i]} px`,
    moved: i => draw(sides[i])})
  const panels = [truth, guess, small].map((cv, i) => h('div', {class: 'panel'}, names[i], cv))
  el.append(range.el, told, h('div', {class: 'cn-row equal'}, ...panels))
  range.value = sides.indexOf(28)
  draw(28)
}
