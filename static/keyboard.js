// Keys: the palette, the list of keys, and those of single pages. None works while something is typed.

function isTyping(event) {
  return event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
}

// Dialogs. A link that opens one leads to the same as a page where there is no script.
const palette = document.getElementById("palette");
const search = document.getElementById("palette-search");

function open(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  if (dialog !== palette) return;
  search.select();
  htmx.trigger(search, "opened");
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-opens]");
  const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
  if (opener && isPlain) {
    event.preventDefault();
    open(document.getElementById(opener.dataset.opens));
  }
  if (event.target.closest?.("[data-close]")) event.target.closest("dialog").close();
  // The ground behind a dialog belongs to the dialog itself.
  if (event.target instanceof HTMLDialogElement) event.target.close();
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && palette) {
    event.preventDefault();
    return palette.open ? palette.close() : open(palette);
  }
  if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const field = document.querySelector("main input[type=search]");
  if (event.key === "?") open(document.getElementById("keys"));
  else if (event.key === "/" && field) field.focus();
  else if (event.key === "/" && palette) open(palette);
  else return;
  event.preventDefault();
});

// In the palette the arrows go from the field through the results, Enter in the field takes the first one, and a
// letter typed on a result goes on with the search.
palette?.addEventListener("keydown", (event) => {
  const results = [...palette.querySelectorAll(".palette-results :is(a, button)")];
  const here = results.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape") {
    // A search field with text in it would only be emptied.
    palette.close();
  } else if (step) {
    const next = here + step;
    (next < 0 ? search : results[Math.min(next, results.length - 1)])?.focus();
  } else if (event.key === "Enter" && event.target === search) {
    // What is shown may belong to fewer letters: then the form leads to the page of the palette.
    if (!results.length || palette.querySelector("[data-search]")?.dataset.search !== search.value.trim()) return;
    results[0].click();
  } else {
    if (here >= 0 && event.key.length === 1 && !event.ctrlKey && !event.metaKey) search.focus();
    return;
  }
  event.preventDefault();
});

// Held objects can be gone through by keys while one of them has the focus; a control keeps its own keys.
const heldKeys = { a: "apart", s: "skip", o: "compare", n: "not_the_same", m: "merge" };
document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-held]");
  if (!card || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
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
