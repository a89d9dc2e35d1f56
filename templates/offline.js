// Keeps the page for when the server does not answer. Nothing else is kept here, and no page of the book ever.
const KEPT = {{ kept | tojson }};
const CACHE = {{ version | tojson }};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const forget = (names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(forget));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const kept = (address) => caches.match(address, { ignoreVary: true });
  if (request.mode === "navigate" && request.method === "GET") {
    // A proxy that answers for a server which starts again says less than our own page.
    const isAway = (answer) => answer.status > 501 && !answer.headers.has("X-Request-Id");
    event.respondWith(fetch(request).then((answer) => (isAway(answer) ? kept(KEPT[0]) : answer), () => kept(KEPT[0])));
  } else if (KEPT.some((address) => request.url.endsWith(address))) {
    event.respondWith(kept(request).then((found) => found ?? fetch(request)));
  }
});
