// Threads of WebAssembly need a page that is isolated by two headers, which static hosts do not send. This service worker,
// which lies at the root of the site, adds them to the demo's page and to its workers, and leaves all other requests alone.
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', e => e.waitUntil(self.clients.claim()))
self.addEventListener('fetch', e => {
  const {mode, destination, url} = e.request
  if (!(mode === 'navigate' && /\/demo(\.html)?$/.test(new URL(url).pathname)) && destination !== 'worker') return
  e.respondWith((async () => {
    const answer = await fetch(e.request)
    if (answer.type === 'opaqueredirect' || answer.status === 0) return answer
    const headers = new Headers(answer.headers)
    headers.set('Cross-Origin-Opener-Policy', 'same-origin')
    headers.set('Cross-Origin-Embedder-Policy', 'require-corp')
    return new Response(answer.body, {status: answer.status, statusText: answer.statusText, headers})
  })())
})
