// Choose a tap of VGG16 and one of its channels, and see where in the photo it answers.
import {canvas, fill, h, json, pixels, radios, slider, unique} from './lib.js'
import {resize} from './color.js'

// Dark to bright, readable for the colour-blind (sampled from matplotlib's inferno)
const ramp = [[0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]]
const heat = (v, out) => {
  const t = Math.min(Math.max(v, 0), 1) * (ramp.length - 1), i = Math.min(Math.floor(t), ramp.length - 2)
  for (let c = 0; c < 3; c++) out[c] = ramp[i][c] + (t - i) * (ramp[i + 1][c] - ramp[i][c])
}

export default async function(el, {asset}) {
  const info = await json(asset('taps.json')), side = info.side
  const photo = await pixels(asset(info.photo)), sheets = {}, group = unique()
  let tap = info.taps[0], number = 0, share = .7, turn = 0

  const shown = canvas(side, side, ''), told = h('p', {class: 'numbers', role: 'status'})
  const grid = h('div', {class: 'grid', role: 'radiogroup'})
  // Channel `i` of a sheet of 4 x 4
  const value = (sheet, i, x, y) => {
    const s = sheet.width / 4
    return sheet.data[4 * ((Math.floor(i / 4) * s + y) * sheet.width + i % 4 * s + x)] / 255
  }
  function draw() {
    const sheet = sheets[tap.name], s = sheet.width / 4, rgb = [0, 0, 0]
    fill(shown, (i, out) => {
      heat(value(sheet, number, Math.floor(i % side * s / side), Math.floor(Math.floor(i / side) * s / side)), rgb)
      for (let c = 0; c < 3; c++) out[c] = photo.data[4 * i] * (1 - share) + rgb[c] * share
    })
    const c = tap.channels[number]
    told.textContent = `${tap.name}, channel ${c.n} of ${tap.of}: ${s} × ${s} values, the largest ${c.max}`
    shown.setAttribute('aria-label', `Channel ${c.n} of ${tap.name} over the photo`)
  }
  async function choose(t) {
    const mine = ++turn
    sheets[t.name] ??= await pixels(asset(t.file))
    if (mine !== turn) return
    tap = t
    const sheet = sheets[t.name], s = sheet.width / 4
    grid.setAttribute('aria-label', `Channels of ${t.name}`)
    grid.replaceChildren(...t.channels.map((c, i) => {
      const m = Math.min(s, 56), cv = canvas(m, m, '')
      const small = resize(Float32Array.from({length: s * s}, (_, j) => value(sheet, i, j % s, Math.floor(j / s))), [s, s], [m, m])
      cv.setAttribute('aria-hidden', 'true')
      fill(cv, (j, out) => heat(small[j], out))
      const input = h('input', {type: 'radio', name: group, value: i, checked: i === number, class: 'cn-hidden',
        'aria-label': `channel ${c.n}`})
      input.addEventListener('change', () => { number = i; draw() })
      return h('label', {}, input, cv)
    }))
    draw()
  }
  const half = (name, what) => h('div', {class: 'panel', style: 'flex: 3 1 14rem'}, h('span', {class: 'name'}, name), what)
  el.append(h('style', {}, `
    .cn .grid { display: grid; grid-template-columns: repeat(4, 1fr); gap: 5px; position: relative; }
    .cn .grid label { cursor: pointer; line-height: 0; }
    .cn .grid canvas { width: 100%; image-rendering: pixelated; }
    .cn .grid input:checked + canvas { outline: 3px solid var(--cn-accent); outline-offset: 1px; }
    .cn .grid input:focus-visible + canvas { outline: 4px dashed var(--cn-accent); outline-offset: 1px; }`),
    radios('tap', info.taps.map(t => t.name), i => choose(info.taps[i])),
    slider('opacity of the map', {min: 0, max: 100, value: share * 100, text: v => `${v} %`,
      moved: v => { share = v / 100; draw() }}).el, told,
    h('div', {class: 'cn-row'}, half('the chosen channel over the photo', shown), half('sixteen channels: choose one', grid)))
  await choose(tap)
}
