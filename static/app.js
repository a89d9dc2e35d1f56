// What HTML and htmx leave open. Every page works without this file.

for (const one of document.querySelectorAll("[data-needs-script], .keys")) one.hidden = false;

// A form that comes back with something wrong in it begins there.
document.querySelector("main [aria-invalid=true]")?.focus();

// A page of ours for when the server does not answer, which browsers keep where they trust the connection.
navigator.serviceWorker?.register(document.body.dataset.offline).catch(() => {});

// It keeps the page of a form that was sent in vain.
navigator.serviceWorker?.addEventListener("message", (event) => {
  if (event.data !== "unanswered") return;
  showNotice(document.body.dataset.notSent);
  document.dispatchEvent(new Event("unanswered"));
});

// Menus: one closes when the pointer or the focus goes elsewhere, and on Escape, which leads back to its button.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest?.("details:is(.menu, .confirm)[open]");
  closeMenus(null);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// A question where the button was: its answer is the next thing to press, so the focus goes there.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.confirm[open]")) {
    event.target.querySelector(".confirm-panel :is(button, a, input)")?.focus();
  }
}, true);

// A request without any answer is reported where every other error is.
for (const [kind, text] of [["sendError", "noAnswer"], ["timeout", "noAnswerYet"]]) {
  document.addEventListener(`htmx:${kind}`, (event) => {
    // What the page asks for by itself is asked for again.
    if (event.target.id !== "surroundings") showUnanswered(event, text);
  });
}

// An error that is not ours, as of a proxy while the server starts again, takes no part's place: what is typed stays.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  const isOurs = xhr.getResponseHeader(xhr.status < 500 ? "X-Request-Id" : "HX-Retarget");
  if (xhr.status < 400 || isOurs) return;
  event.detail.shouldSwap = false;
  if (event.detail.elt.id !== "surroundings") showUnanswered(event, "noAnswer");
});

// What was done here may have changed what waits: the counts of the menu and the banner are asked for anew.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.detail.requestConfig.verb !== "get") htmx.trigger(document.body, "surroundings");
});

// What says the same stays, so that it is neither read aloud again nor folded.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.id === "banner" && target.textContent.trim() === fragment.textContent.trim()) event.detail.shouldSwap = false;
});

// Errors are shown above the page, which may be scrolled down.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "notices") event.target.scrollIntoView({ block: "nearest" });
});

// A message that nobody answered is over with the next answer.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) document.querySelector("#notices > .no-answer")?.remove();
});

// What was to change something may have been done all the same.
function showUnanswered(event, text) {
  showNotice(document.body.dataset[event.detail.requestConfig.verb === "get" ? text : "notSent"]);
}

function showNotice(text) {
  const notice = document.createElement("div");
  notice.className = "notice bad no-answer";
  notice.textContent = text;
  const place = document.getElementById("notices");
  place.replaceChildren(notice);
  place.scrollIntoView({ block: "nearest" });
}

// A session that has ended elsewhere: what is open stays as it is, and says so. Nothing is asked for any more.
function showLoggedOut() {
  const text = document.getElementById("logged-out");
  if (!text) return;
  const place = document.getElementById("notices");
  place.replaceChildren(text.content.cloneNode(true));
  place.querySelector("a").href += `?next=${encodeURIComponent(location.pathname + location.search)}`;
  place.scrollIntoView({ block: "nearest" });
  text.remove();
  document.getElementById("surroundings").remove();
  document.dispatchEvent(new Event("logged-out"));
}
document.addEventListener("htmx:responseError", (event) => {
  if (event.target.id === "surroundings" && event.detail.xhr.status === 401) showLoggedOut();
});

// The focus stays where it was when a part of the page is replaced, or a button switched off while it works: on the
// same control in what came, else on the part itself. htmx keeps it only for controls with an id that stay enabled.
const focused = new WeakMap();

function rememberFocus(event) {
  const active = document.activeElement;
  const request = event.detail.xhr ?? document;
  if (active && active !== document.body) {
    const within = [];
    for (let one = active.parentElement; one; one = one.parentElement) if (one.id) within.push(one.id);
    focused.set(request, { id: active.id, tag: active.tagName, name: active.name, value: active.value, text: active.textContent, element: active, within });
  }
}

function isLost(before) {
  return before && document.activeElement === document.body;
}

// A button that was switched off meanwhile is on again.
function returnFocus(event) {
  const before = focused.get(event.detail.xhr ?? document);
  if (isLost(before) && before.element.isConnected && !before.element.disabled) before.element.focus({ preventScroll: true });
}

function moveFocus(event) {
  const before = focused.get(event.detail.xhr ?? document);
  if (!isLost(before) || before.element.isConnected) return;
  // One answer may replace several parts: the control stood in this one.
  const place = before.within.map((id) => document.getElementById(id)).find(Boolean);
  const part = place && !place.contains(event.detail.elt) ? place : event.detail.elt;
  const same = document.getElementById(before.id || "-") ?? [...part.querySelectorAll(before.tag)].find(
    (one) => one.name === before.name && one.value === before.value && one.textContent === before.text);
  if (same && !same.disabled) return same.focus({ preventScroll: true });
  if (!part.isConnected || part === document.body) return;
  if (part.tabIndex < 0) part.tabIndex = -1;
  part.focus({ preventScroll: true });
}

for (const name of ["htmx:beforeRequest", "htmx:beforeSwap", "htmx:sseBeforeMessage"]) document.addEventListener(name, rememberFocus);
document.addEventListener("htmx:afterRequest", returnFocus);
for (const name of ["htmx:afterSettle", "htmx:sseMessage"]) document.addEventListener(name, moveFocus);

// A page for which the server has no place for a stream asks for its news every ten seconds: the same address, whose
// answer ends at once; the browser comes back by itself.
const refused = new Set();
if (window.htmx) {
  htmx.createEventSource = (address) => {
    const mark = address.includes("?") ? "&" : "?";
    const source = new EventSource(refused.has(address) ? `${address}${mark}once=1` : address, { withCredentials: true });
    source.addEventListener("logged-out", () => {
      source.close();
      showLoggedOut();
    });
    return source;
  };
}
document.addEventListener("htmx:sseError", (event) => {
  if (event.detail.source.readyState === EventSource.CLOSED) refused.add(event.target.getAttribute("sse-connect"));
});
