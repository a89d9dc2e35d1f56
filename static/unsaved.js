// Before somebody leaves a form in which they typed, the browser asks. Without this file nothing is asked.

// What stands in a form but is not stored yet: put back after a log-in, or shown again on the way to be saved.
const unsaved = "form[data-typed], form[method=post]:has(.has-error)";
let edited = document.querySelector(unsaved);

// Only what a person does counts: values that a page or htmx sets are nobody's work.
for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.form;
    if (event.isTrusted && form?.method === "post") edited = form;
  });
}

function isLeft() {
  if (!edited || !edited.isConnected) edited = null;
  return edited !== null;
}

// What was edited and is on its way; without an answer it is unsaved again.
let sent = null;

function send() {
  sent = edited ?? sent;
  edited = null;
}

document.addEventListener("submit", (event) => {
  // Forms that only look something up keep the page; any other one is what was to be sent.
  if (event.target.method === "post") send();
});
for (const kind of ["unanswered", "htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(kind, () => {
    edited ??= sent;
    sent = null;
  });
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && event.detail.requestConfig.verb !== "get") sent = null;
});
document.addEventListener("reset", (event) => {
  if (event.target === edited) edited = null;
});
document.addEventListener("htmx:beforeRequest", (event) => {
  // A form that htmx has sent is not left, and its answer takes its place.
  const verb = event.detail.requestConfig?.verb;
  if (edited && verb !== "get" && (event.detail.elt === edited || event.detail.elt.form === edited)) send();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.matches?.(unsaved)) edited = event.target;
});
window.addEventListener("beforeunload", (event) => {
  if (isLeft()) event.preventDefault();
});
