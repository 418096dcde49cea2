// A divider between two pictures of one size. `divider` needs no framework; `render` shows it as an anywidget.
export function divider(el, {label = 'Share of the picture that is still gray', drop = null} = {}) {
  el.classList.add('colornet-divider')
  el.innerHTML = `<div class="colornet-stage" data-lm-suppress-shortcuts="true">
    <img class="colornet-after" alt="in colour"><img class="colornet-before" alt="in gray">
    <div class="colornet-line" aria-hidden="true"></div>
    <input type="range" min="0" max="100" value="50" step="1">
  </div>`
  const stage = el.firstElementChild
  const [after, before, line, range] = stage.children
  range.setAttribute('aria-label', label)
  const move = () => {
    before.style.clipPath = `inset(0 ${100 - range.value}% 0 0)`
    line.style.left = `${range.value}%`
    range.setAttribute('aria-valuetext', `${range.value} % gray`)
  }
  range.addEventListener('input', move)
  range.addEventListener('keydown', e => e.stopPropagation())
  const set = (img, src) => {
    if (img.src.startsWith('blob:')) URL.revokeObjectURL(img.src)
    if (src) img.src = src
    else img.removeAttribute('src')
    stage.classList.toggle('colornet-empty', !after.getAttribute('src'))
  }
  if (drop) {
    const over = on => e => { e.preventDefault(); stage.classList.toggle('colornet-over', on) }
    stage.addEventListener('dragover', over(true))
    stage.addEventListener('dragleave', over(false))
    stage.addEventListener('drop', e => {
      over(false)(e)
      const file = e.dataTransfer.files[0]
      if (file) drop(file)
    })
  }
  set(after, '')
  move()
  return {
    show: (gray, colour) => { set(before, gray); set(after, colour) },
    get at() { return +range.value },
    set at(x) { range.value = x; move() },
  }
}

const url = (data, type) => data && data.byteLength ? URL.createObjectURL(new Blob([data], {type})) : ''

function save(name, data) {
  const a = Object.assign(document.createElement('a'), {href: url(data, 'application/octet-stream'), download: name})
  document.body.append(a)
  a.click()
  a.remove()
  setTimeout(() => URL.revokeObjectURL(a.href), 60_000)
}

const saved = new WeakSet()  // A message comes to every view of the divider; one of them saves

function render({model, el}) {
  const drop = async file => model.send({kind: 'photo', name: file.name}, undefined, [await file.arrayBuffer()])
  const view = divider(el, {drop})
  const show = () => view.show(url(model.get('before'), 'image/jpeg'), url(model.get('after'), 'image/jpeg'))
  const answer = (msg, buffers) => { if (msg.kind === 'file' && !saved.has(msg)) save(msg.name, buffers[0]), saved.add(msg) }
  model.on('change:after', show)
  model.on('msg:custom', answer)
  show()
  return () => { model.off('change:after', show); model.off('msg:custom', answer) }
}
export default {render}
