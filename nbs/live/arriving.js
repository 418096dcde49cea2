// A slider over the steps of a training: fixed photos, coloured as the network would have then.
import {canvas, h, json, slider} from './lib.js'

export default async function(el, {asset}) {
  const {steps, files, names = [], side} = await json(asset('frames/index.json'))
  if (!steps.length) return false  // No training has been filmed: the still stays
  const load = async f => {
    const im = new Image()
    im.src = asset(`frames/${f}`)
    await im.decode()
    return im
  }
  const frames = files.map(() => null), first = await load(files.at(-1)), count = Math.round(first.naturalWidth / side)
  frames[files.length - 1] = first
  const views = Array.from({length: count}, (_, i) => canvas(side, side, ''))
  const slow = matchMedia('(prefers-reduced-motion: reduce)')
  let at = steps.length - 1, timer = 0

  async function show(i) {
    at = i
    frames[i] ||= await load(files[i])
    if (at !== i) return
    views.forEach((cv, j) => {
      cv.getContext('2d').drawImage(frames[i], -j * side, 0)
      cv.setAttribute('aria-label', `${names[j] || `photo ${j + 1}`} after ${steps[i]} steps`)
    })
  }
  const words = i => `step ${steps[i].toLocaleString('en')}`
  const range = slider('training', {min: 0, max: steps.length - 1, value: at, text: words, moved: i => { stop(); show(i) }})
  const button = h('button', {type: 'button'}, 'Play')
  function stop() {
    clearInterval(timer)
    timer = 0
    button.textContent = 'Play'
  }
  async function go(i) {
    range.value = i
    await show(i)
    if (i === steps.length - 1) stop()
  }
  button.addEventListener('click', async () => {
    if (timer) return stop()
    button.textContent = 'Pause'
    timer = setInterval(() => go(at + 1), slow.matches ? 2000 : 600)
    go(at === steps.length - 1 ? 0 : at)
  })
  el.append(h('div', {class: 'cn-row'}, button), range.el, h('div', {class: 'cn-row equal'}, ...views.map((cv, i) =>
    h('div', {class: 'panel'}, ...(names[i] ? [h('span', {class: 'name'}, names[i])] : []), cv))))
  if (slow.matches) el.append(h('p', {class: 'quiet'}, 'Nothing moves by itself here; played, each step stays two seconds.'))
  await show(at)
}
