// What HTML and htmx leave open. Every page works without this file.

// A menu closes when the pointer or the focus goes elsewhere, and on Escape.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("focusin", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus(null);
});

// A request without any answer is reported where every other error is.
document.addEventListener("htmx:sendError", () => showNotice("The server did not answer. Check the connection and try again."));
document.addEventListener("htmx:timeout", () => showNotice("The server took too long to answer. Try again."));

// Errors are shown above the page, which may be scrolled down.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "notices") event.target.scrollIntoView({ block: "nearest" });
});

function showNotice(text) {
  const notice = document.createElement("div");
  notice.className = "notice bad";
  notice.textContent = text;
  const place = document.getElementById("notices");
  place.replaceChildren(notice);
  place.scrollIntoView({ block: "nearest" });
}

// Held objects can be gone through by keys while one of them has the focus; a control keeps its own keys.
const heldKeys = { a: "apart", s: "skip", o: "compare", n: "not_the_same", m: "merge" };
document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-held]");
  if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea")) return;
  const key = event.key.toLowerCase();
  const cards = [...document.querySelectorAll("[data-held]")];
  const step = { j: 1, k: -1 }[key];
  if (step) {
    const next = cards[cards.indexOf(card) + step];
    if (next) next.focus();
  } else if (heldKeys[key]) {
    card.querySelector(`[data-verb=${heldKeys[key]}]`)?.click();
  } else if (/^[1-6]$/.test(key)) {
    card.querySelector(`.compare > .card:nth-child(${Number(key) + 1}) [data-verb=link]`)?.click();
  } else {
    return;
  }
  event.preventDefault();
});
for (const words of document.querySelectorAll(".keys")) words.hidden = false;
