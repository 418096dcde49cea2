// Brings a figure to life in Jupyter. `colornet.live` writes above this: `figure`, its module; `modules`, their text by name, those
// first that others import; `files`, its pictures and tables as data URLs; and `table`, words in the reader's language, or null. A module
// that stands in a text can import nothing that lies beside it, so each gets an address of its own.
const address = {}
for (const [name, text] of Object.entries(modules)) {
  const linked = text.replace(/(?<=from ')[^']*?(\w+\.js)(?=')/g, (_, other) => address[other])
  address[name] = URL.createObjectURL(new Blob([linked], {type: 'text/javascript'}))
}

export default {
  async render({el}) {
    const {default: live} = await import(address[figure]), cn = document.createElement('div')
    cn.className = 'cn'
    cn.setAttribute('role', 'group')
    cn.setAttribute('aria-label', figure.replace('.js', ''))
    cn.dataset.lmSuppressShortcuts = 'true'  // JupyterLab acts on keys otherwise, and its notebook keeps arrows from sliders
    cn.addEventListener('keydown', e => e.stopPropagation())
    const local = table ? (await import(address['divider.js'])).speak(cn, table) : text => text
    el.append(cn)
    await live(cn, {asset: name => files[name], local})
  },
}
