// Lists: one box ticks a whole page, and the bar says how many are ticked. Every list works without this.

const ticks = () => [...document.querySelectorAll('#records tbody input[name="id"]')];

function addTickAll() {
  const place = document.querySelector("#records [data-tick-all]");
  if (!place || place.firstChild) return;
  const label = document.createElement("label");
  const box = document.createElement("input");
  const text = document.createElement("span");
  label.className = "pick";
  box.type = "checkbox";
  text.className = "visually-hidden";
  text.textContent = place.dataset.tickAll;
  label.append(box, text);
  place.append(label);
  place.hidden = false;
}

function showTicked() {
  const boxes = ticks();
  const count = boxes.filter((one) => one.checked).length;
  const all = document.querySelector("#records [data-tick-all] input");
  if (all) {
    all.checked = count > 0 && count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
  const shown = document.querySelector("#records [data-ticked]");
  if (shown) shown.textContent = count ? ` (${count})` : "";
}

document.addEventListener("change", (event) => {
  if (event.target.closest("[data-tick-all]")) for (const one of ticks()) one.checked = event.target.checked;
  if (event.target.closest("#records")) showTicked();
});
for (const event of ["DOMContentLoaded", "htmx:afterSettle", "pageshow"]) {
  window.addEventListener(event, () => { addTickAll(); showTicked(); });
}
