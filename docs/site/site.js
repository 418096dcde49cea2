// The home page's slider: a picture in a figure becomes two, with a line between them.
import {divider} from './divider.js'

for (const figure of document.querySelectorAll('figure.before-after')) {
  const still = figure.querySelector('img')
  const el = document.createElement('div')
  still.closest('a')?.replaceWith(still)
  still.replaceWith(el)
  const at = name => new URL(`home/slider-${name}.jpg`, import.meta.url).href
  divider(el).show(at('gray'), at('colour'))
  el.querySelector('.colornet-after').alt = still.alt
}
