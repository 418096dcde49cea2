// A photo, its Y, U and V; sliders scale U and V; pixels that no screen can show are hatched.
import {canvas, choice, fill, h, inGamut, pixels, point, rgb2yuv, slider, umax, vmax, yuv2rgb} from './lib.js'

const n = 160  // Side of the plane of chromas

export default async function(el, {asset}) {
  const {data, width, height} = await pixels(asset('../demo/samples/chelsea.jpg')), count = width * height
  const yuv = Float32Array.from({length: 3 * count})
  for (let i = 0; i < count; i++) yuv.set(rgb2yuv(...[0, 1, 2].map(c => data[4 * i + c] / 255)), 3 * i)

  const photo = canvas(width, height, 'The photo with its chroma scaled; hatched where no screen can show the colour')
  const planes = [['luma Y', 'Luma: the photo in black and white'], ['chroma U: yellow to blue', 'Chroma U, from yellow to blue'],
    ['chroma V: green to red', 'Chroma V, from green to red']].map(([name, label]) => ({name, cv: canvas(width, height, label)}))
  const plane = canvas(n, n, 'All chromas at the luma of the chosen pixel; the colours end where the gamut ends', 'gamut')
  const told = h('p', {class: 'numbers', 'aria-live': 'polite'}), out = h('p', {class: 'numbers', role: 'status'})
  let k = [1, 1], hatch = true

  const scaled = i => [yuv[3 * i], yuv[3 * i + 1] * k[0], yuv[3 * i + 2] * k[1]]
  function draw() {
    let outside = 0
    fill(photo, (i, rgb) => {
      const c = yuv2rgb(...scaled(i)), out = !inGamut(c), stripe = (i % width + Math.floor(i / width)) % 8
      if (out) outside++
      for (let j = 0; j < 3; j++) rgb[j] = out && hatch && stripe < 3 ? [255, 0, 255][j] : c[j] * 255
    })
    fill(planes[0].cv, (i, rgb) => rgb.fill(yuv[3 * i] * 255))
    fill(planes[1].cv, (i, rgb) => yuv2rgb(.5, scaled(i)[1], 0).forEach((x, j) => rgb[j] = x * 255))
    fill(planes[2].cv, (i, rgb) => yuv2rgb(.5, 0, scaled(i)[2]).forEach((x, j) => rgb[j] = x * 255))
    const share = (outside / count * 100).toFixed(1)
    out.textContent = `${outside} of ${count} pixels (${share} %) have a colour that no screen can show`
    read()
  }

  // The numbers of the chosen pixel, and where it stands among the chromas at its luma
  const pixel = () => [Math.floor(cross.place[0] * width), Math.floor(cross.place[1] * height)]
  function read() {
    const [x, y] = pixel(), [Y, U, V] = scaled(y * width + x), rgb = yuv2rgb(Y, U, V)
    const whole = rgb.map(c => Math.round(c * 255))
    told.textContent = `pixel ${x}, ${y}:  R ${whole[0]}  G ${whole[1]}  B ${whole[2]}  ·  `
      + `Y ${Y.toFixed(3)}  U ${U.toFixed(3)}  V ${V.toFixed(3)}`
      + (inGamut(rgb) ? '' : '  ·  no screen can show this')
    const axis = (i, max, far) => (2 * i / (n - 1) - 1) * max * far
    const far = Math.max(1, Math.abs(U) / umax * 1.05, Math.abs(V) / vmax * 1.05)  // The plane grows to hold the pixel
    fill(plane, (i, out) => {
      const c = yuv2rgb(Y, axis(i % n, umax, far), -axis(Math.floor(i / n), vmax, far))
      inGamut(c) ? c.forEach((x, j) => out[j] = x * 255) : out.fill(150)
    })
    const ctx = plane.getContext('2d'), at = [(U / umax / far + 1) / 2 * (n - 1), (1 - V / vmax / far) / 2 * (n - 1)]
    for (const [color, wide] of [['#000', 4], ['#fff', 2]]) {
      ctx.strokeStyle = color
      ctx.lineWidth = wide
      ctx.beginPath()
      ctx.arc(...at, 6, 0, 7)
      ctx.stroke()
    }
  }

  const over = h('div', {class: 'over'}, photo)
  const cross = point(over, {label: 'Chosen pixel; the arrow keys move it', moved: read, steps: [width, height], at: [.32, .42],
    text: (x, y) => `pixel ${Math.floor(x * width)}, ${Math.floor(y * height)}`})
  const by = i => x => { k[i] = x; draw() }
  const range = {min: 0, max: 3, step: .05, value: 1, text: x => `× ${x.toFixed(2)}`}
  const panel = (name, ...what) => h('div', {class: 'panel'}, h('span', {class: 'name'}, name), ...what)
  const big = panel('photo: click it, or move the cross with the arrow keys', over)
  const small = panel('all chromas at this luma', plane)
  big.style.flex = '4 1 16rem'
  small.style.maxWidth = '11rem'
  el.append(slider('scale U', {...range, moved: by(0)}).el, slider('scale V', {...range, moved: by(1)}).el,
    choice('checkbox', 'hatch what no screen can show', {checked: true, moved: on => { hatch = on; draw() }}).el, out,
    h('div', {class: 'cn-row'}, big, small), told, h('div', {class: 'cn-row equal'}, ...planes.map(p => panel(p.name, p.cv))))
  draw()
}
