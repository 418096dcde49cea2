// What one value of a tap can see of the photo: a square, which grows from tap to tap.
import {canvas, h, pixels, point, radios} from './lib.js'

const side = 224, dim = .55

// How large the square of a value is at each tap, how far the squares of neighbours lie apart, and where the first begins. Each 3x3
// convolution adds one place on every side; pooling adds one on the right, and doubles the distance of places.
export function fields() {
  let size = 1, stride = 1, start = 0
  return [2, 2, 3, 3, 3].map((convolutions, block) => {
    if (block) {
      size += stride
      stride *= 2
    }
    size += 2 * convolutions * stride
    start -= convolutions * stride
    return {name: `relu${block + 1}_${convolutions}`, size, stride, start}
  })
}

export default async function(el, {asset}) {
  const {data} = await pixels(asset('taps-photo.jpg')), taps = fields(), photo = canvas(side, side, '')
  photo.getContext('2d').putImageData(new ImageData(data, side), 0, 0)
  const shown = canvas(2 * side, 2 * side, ''), seen = canvas(side, side, ''), told = h('p', {class: 'numbers', role: 'status'})
  let tap = taps[2]

  const cell = () => cross.place.map(p => Math.floor(p * side / tap.stride))
  function draw() {
    const {name, size, stride, start} = tap, [column, row] = cell(), [x, y] = [column, row].map(i => i * stride + start)
    const n = side / stride, out = x < 0 || y < 0 || x + size > side || y + size > side
    const big = shown.getContext('2d'), near = seen.getContext('2d')
    big.drawImage(photo, 0, 0, 2 * side, 2 * side)
    big.fillStyle = `rgb(0 0 0 / ${dim})`
    big.fillRect(0, 0, 2 * side, 2 * side)
    big.drawImage(photo, x, y, size, size, 2 * x, 2 * y, 2 * size, 2 * size)
    for (const [color, wide] of [['#000', 6], ['#ffd400', 3]]) {
      big.strokeStyle = color
      big.lineWidth = wide
      big.strokeRect(2 * x - 2, 2 * y - 2, 2 * size + 4, 2 * size + 4)
    }
    near.imageSmoothingEnabled = false
    near.fillStyle = '#3a4a6b'
    near.fillRect(0, 0, side, side)
    near.drawImage(photo, x, y, size, size, 0, 0, side, side)
    const share = size ** 2 / side ** 2 * 100
    told.textContent = `One value of ${name} sees ${size} × ${size} of ${side} × ${side} pixels: `
      + `${share.toFixed(share < 1 ? 2 : 0)} % of the photo. `
      + `There are ${n} × ${n} such squares, ${stride === 1 ? 'one at every pixel' : `one every ${stride} pixels`}; `
      + `this one is in row ${row + 1}, column ${column + 1}.` + (out ? ' What lies outside the photo counts as zero.' : '')
    shown.setAttribute('aria-label', `The photo, dark but for a square of ${size} pixels`)
    seen.setAttribute('aria-label', `The square of ${size} × ${size} pixels, enlarged`)
  }

  const over = h('div', {class: 'over'}, shown), steps = () => [side / tap.stride, side / tap.stride]
  const cross = point(over, {label: 'Chosen value; the arrow keys move it', moved: draw, hover: true, steps: steps(),
    at: [.372, .4], text: (x, y) => `row ${Math.floor(y * side / tap.stride) + 1}, column ${Math.floor(x * side / tap.stride) + 1}`})
  cross.el.classList.add('bare')
  const panel = (name, ...what) => h('div', {class: 'panel'}, h('span', {class: 'name'}, name), ...what)
  const large = panel('the photo: move over it, or use the arrow keys', over)
  const small = panel('all that this value sees, enlarged', seen)
  large.style.flex = '2 1 15rem'
  small.style.flex = '1 1 10rem'
  seen.style.imageRendering = 'pixelated'
  seen.style.maxWidth = '18rem'
  el.append(radios('tap', taps.map(t => t.name), i => {
    tap = taps[i]
    cross.steps = steps()
    draw()
  }, 2), told, h('div', {class: 'cn-row'}, large, small))
  draw()
}
