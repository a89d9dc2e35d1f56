// A cut connection of a run's page is said, with how old is what it shows. htmx connects again by itself.
(() => {
  // Signs of life come every five seconds; without any for so long the connection is dead, whatever it says.
  const SILENT_MS = 15000;
  let heardAt = Date.now();
  let isCut = false;

  function heard() {
    heardAt = Date.now();
    show(false);
  }

  function show(cut) {
    const line = document.getElementById("run-cut");
    if (!line || (cut === isCut && !cut)) return;
    isCut = cut;
    line.hidden = !cut;
    line.parentElement.classList.toggle("is-cut", cut);
    if (!cut) return;
    const age = line.querySelector("[data-age]");
    const seconds = Math.round((Date.now() - heardAt) / 1000);
    const text = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
    if (age.textContent !== text) age.textContent = text;
  }

  const isStream = (event) => event.target.id === "run-stream";

  document.addEventListener("htmx:sseOpen", (event) => {
    if (!isStream(event)) return;
    heard();
    for (const name of ["parts", "alive"]) event.detail.source.addEventListener(name, heard);
  });
  document.addEventListener("htmx:sseError", (event) => {
    // One that only asks now and then ends each time.
    if (isStream(event) && !event.detail.source.url.endsWith("once=1")) show(true);
  });
  // It ended, or another stream takes its place.
  document.addEventListener("htmx:sseClose", (event) => {
    if (isStream(event)) heard();
    if (isStream(event) && event.detail.type === "message") clearInterval(clock);
  });
  // There is nothing to connect to again.
  document.addEventListener("logged-out", () => {
    heard();
    clearInterval(clock);
  });
  const clock = setInterval(() => {
    if (document.getElementById("run-stream") && (isCut || Date.now() - heardAt > SILENT_MS)) show(true);
  }, 1000);
})();
