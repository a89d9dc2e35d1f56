// Keeps the page for when the server does not answer, and a form's page where it was sent in vain. Nothing else is kept
// here, and no page of the book ever.
const KEPT = {{ kept | tojson }};
const CACHE = {{ version | tojson }};

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(KEPT)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const forget = (names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(forget));
});

// A proxy that answers for a server which starts again says less than we do.
function isAway(answer) {
  return answer.status > 501 && !answer.headers.has("X-Request-Id");
}

// An answer without content leaves the page of the form as it is, with all that was typed; it says what has happened.
async function stay(event) {
  const page = await self.clients.get(event.clientId);
  page?.postMessage("unanswered");
  return new Response(null, { status: 204 });
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const kept = (address) => caches.match(address, { ignoreVary: true });
  if (request.mode === "navigate" && request.method === "POST") {
    event.respondWith(fetch(request).then((answer) => (isAway(answer) ? stay(event) : answer), () => stay(event)));
  } else if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).then((answer) => (isAway(answer) ? kept(KEPT[0]) : answer), () => kept(KEPT[0])));
  } else if (KEPT.some((address) => request.url.endsWith(address))) {
    event.respondWith(kept(request).then((found) => found ?? fetch(request)));
  }
});
