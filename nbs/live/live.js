// Brings the figures of a page to life; where one cannot live, its still picture stays.
import {inLanguage} from './lib.js'

const asset = name => new URL(name, import.meta.url).href

function style(href) {
  const link = Object.assign(document.createElement('link'), {rel: 'stylesheet', href})
  return new Promise(done => {
    link.onload = link.onerror = done
    document.head.append(link)
  })
}

async function wake(figure) {
  const el = Object.assign(document.createElement('div'), {className: 'cn'})
  el.setAttribute('role', 'group')
  el.setAttribute('aria-label', figure.querySelector('img')?.alt || figure.dataset.figure)
  try {
    const {default: live} = await import(`./${figure.dataset.figure}.js`)
    if (await live(el, {asset, local: await inLanguage(el)}) === false) return
    figure.prepend(el)
    figure.classList.add('alive')
  } catch (e) { console.warn(`${figure.dataset.figure}: stays a picture (${e.message})`) }
}

const figures = [...document.querySelectorAll('figure.live')]
if (figures.length) await style(asset('live.css'))
await Promise.all(figures.map(wake))
document.documentElement.dataset.live = 'ready'
