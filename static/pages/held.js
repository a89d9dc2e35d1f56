// Keys of the queue: they concern the line that has the focus, else the open one. A control keeps its own keys.
(() => {
  const verbs = { n: "apart create", s: "skip", r: "again" };
  const items = () => [...document.querySelectorAll("[data-queue-item]")];
  const isFree = (event) =>
    !event.ctrlKey && !event.metaKey && !event.altKey && !document.querySelector("dialog[open]") &&
    !event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea");

  function here() {
    return document.activeElement?.closest("[data-queue-item]") ?? document.querySelector("[data-queue-item].is-open") ?? items()[0];
  }

  function press(item, names) {
    for (const name of names.split(" ")) {
      const button = item.querySelector(`[data-verb=${name}]`);
      if (button) return button.click();
    }
  }

  document.addEventListener("keydown", (event) => {
    const item = here();
    if (!item || !isFree(event)) return;
    const key = event.key.toLowerCase();
    const step = { j: 1, k: -1 }[key];
    if (step) {
      const all = items();
      const isInside = item.contains(document.activeElement);
      all[isInside ? all.indexOf(item) + step : all.indexOf(item)]?.focus();
    } else if (key === "enter" && document.activeElement === item) {
      item.querySelector("[data-open], summary")?.click();
    } else if (key === "l") {
      press(item, "link");
    } else if (verbs[key]) {
      press(item, verbs[key]);
    } else if (/^[1-6]$/.test(key)) {
      item.querySelectorAll(".queue-feet > td")[Number(key) + 1]?.querySelector("[data-verb=link]")?.click();
    } else if (key === "u") {
      [...document.querySelectorAll("[data-undo]")].pop()?.click();
    } else if (key === "x") {
      item.querySelector("input[type=checkbox]")?.click();
    } else {
      return;
    }
    event.preventDefault();
  });

  // Who ticks one means to decide about several.
  document.addEventListener("change", (event) => {
    const several = document.querySelector("details.several");
    if (several && event.target.checked && event.target.getAttribute("form") === "several") several.open = true;
  });
})();
