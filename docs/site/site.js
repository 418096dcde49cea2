import {divider, inLanguage} from './divider.js'

// The home page's slider: a picture in a figure becomes two, with a line between them.
for (const figure of document.querySelectorAll('figure.before-after')) {
  const still = figure.querySelector('img')
  const el = document.createElement('div')
  still.closest('a')?.replaceWith(still)
  still.replaceWith(el)
  const at = name => new URL(`home/slider-${name}.jpg`, import.meta.url).href
  divider(el).show(at('gray'), at('colour'))
  el.querySelector('.colornet-after').alt = still.alt
  await inLanguage(el)
}

// The way to the other edition leads to the section that is being read; both call it by the same name
for (const way of document.querySelectorAll('a.language[data-twin]')) way.addEventListener('click', () => {
  const read = [...document.querySelectorAll('article section section[id]')].filter(s => s.getBoundingClientRect().top < innerHeight / 3)
  way.hash = read.length ? read.at(-1).id : ''
})
