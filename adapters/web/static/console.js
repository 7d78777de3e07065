// Keeps a page up to date. Everything on it works without this script; nothing here decides anything.
"use strict";

const QUIET_MS = 250;
/** Lists change with every run, and every open browser would fetch them at the same moment. */
const LIST_SPREAD_MS = 1000;
const topics = document.body.dataset.topics ?? "";
/** What the server last sent for each part, to tell what has changed from what a person has filled in. */
const seen = new WeakMap();
let stream;
let due = false;
let listTimer;
let busy = false;

/** The parts of a page that change: each `data-live` element, or its keyed children where it has some. */
function stable(element) {
  return element.outerHTML.replaceAll(/name="(?:click|back)" value="[^"]*"/g, "");
}

function note(root) {
  for (const live of root.querySelectorAll("[data-live]")) {
    seen.set(live, stable(live));
    for (const child of live.children) seen.set(child, stable(child));
  }
}

/** What a person has changed in the controls of an element, by form and name. */
function unsaved(element) {
  const changed = [];
  for (const control of element.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    const { form, name, type, value } = control;
    const box = type === "radio" || type === "checkbox";
    const initial = box
      ? control.checked === control.defaultChecked
      : control.tagName === "SELECT" || value === control.defaultValue;
    if (!initial || (box && control.checked) || control.tagName === "SELECT") {
      changed.push({ form: form?.id ?? "", name, type, value, checked: control.checked });
    }
  }
  return changed;
}

function refill(element, changed) {
  for (const { form, name, type, value, checked } of changed) {
    for (const control of element.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if ((control.form?.id ?? "") !== form || control.disabled) continue;
      if (type !== "radio" && type !== "checkbox") control.value = value;
      else if (control.value === value) control.checked = checked;
    }
  }
}

/** Puts `fresh` in the place of `old`, and keeps what was filled in, opened and focused there. */
function swap(old, fresh) {
  const changed = unsaved(old);
  const focused = old.contains(document.activeElement) ? placeOf(document.activeElement) : undefined;
  const folds = [...old.querySelectorAll("details")].map((details) => details.open);
  const adopted = document.importNode(fresh, true);
  for (const auto of adopted.querySelectorAll("[autofocus]")) auto.removeAttribute("autofocus");
  old.replaceWith(adopted);
  seen.set(adopted, stable(fresh));
  refill(adopted, changed);
  const freshFolds = [...adopted.querySelectorAll("details")];
  freshFolds.forEach((details, at) => {
    // As a person left it; in another card, only what is opened is kept open.
    details.open = folds.length === freshFolds.length ? folds[at] : details.open || folds[at] === true;
  });
  if (focused !== undefined) refocus(adopted, focused);
  return adopted;
}

function placeOf(element) {
  const { id, name, value, selectionStart, selectionEnd } = element;
  return {
    id,
    name,
    value: element.type === "radio" || element.tagName === "BUTTON" ? value : undefined,
    selectionStart,
    selectionEnd,
  };
}

function refocus(root, { id, name, value, selectionStart, selectionEnd }) {
  const named = name ? [...root.querySelectorAll(`[name="${CSS.escape(name)}"]`)] : [];
  const target =
    (id ? document.getElementById(id) : undefined) ??
    named.find((control) => value === undefined || control.value === value) ??
    root.querySelector("h2, a, button");
  if (!target) return;
  if (target.matches("h2")) target.tabIndex = -1;
  target.focus({ preventScroll: true });
  if (typeof selectionStart === "number" && "setSelectionRange" in target) {
    try {
      target.setSelectionRange(selectionStart, selectionEnd);
    } catch {
      // Controls without text have no selection.
    }
  }
}

function update(live, fresh) {
  if (seen.get(live) === stable(fresh)) return;
  const keyed = [...fresh.children].some((child) => child.dataset.key !== undefined);
  if (!keyed && ![...live.children].some((child) => child.dataset.key !== undefined)) {
    note(swap(live, fresh).parentElement ?? document);
    return;
  }
  const known = new Map([...live.children].map((child) => [child.dataset.key, child]));
  let before;
  const said = [];
  for (const child of fresh.children) {
    let here = known.get(child.dataset.key);
    known.delete(child.dataset.key);
    if (here === undefined) {
      here = document.importNode(child, true);
      seen.set(here, stable(child));
      if (child.dataset.announce) said.push(child.dataset.announce);
      if (before === undefined) live.prepend(here);
      else before.after(here);
    } else {
      if (seen.get(here) !== stable(child)) here = swap(here, child);
      if (before !== undefined && before.nextElementSibling !== here) before.after(here);
    }
    before = here;
  }
  for (const gone of known.values()) gone.remove();
  seen.set(live, stable(fresh));
  if (said.length > 0) document.getElementById("announce").textContent = [...new Set(said)].join(". ");
}

async function refresh() {
  if (busy) {
    due = true;
    return;
  }
  busy = true;
  due = false;
  try {
    const address = new URL(location.href);
    const response = await fetch(address, { headers: { accept: "text/html" }, cache: "no-store" });
    lost(!response.ok);
    if (response.ok) {
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const live of document.querySelectorAll("[data-live][id]")) {
        const next = fresh.getElementById(live.id);
        if (next !== null) update(live, next);
      }
    }
  } catch {
    lost(true);
  }
  setTimeout(() => {
    busy = false;
    if (due) void refresh();
  }, QUIET_MS);
}

function listDue() {
  listTimer = undefined;
  void refresh();
}

/** Says that what is shown may be old; a page that looks live and is not would be a lie. */
function lost(holds) {
  const box = document.getElementById("lost");
  const text = holds ? (document.body.dataset.lost ?? "") : "";
  if (box.textContent !== text) box.textContent = text;
}

function connect() {
  stream?.close();
  // Browsers allow six connections to one host: a hidden tab must not hold one.
  if (document.hidden || topics === "") return;
  stream = new EventSource(`/events?topics=${encodeURIComponent(topics)}`);
  // What happened while nobody listened is fetched then: since the page was made, or since the bot went away.
  stream.addEventListener("open", () => void refresh());
  stream.addEventListener("changed", ({ data }) => {
    if (data.startsWith("thread:") || data.startsWith("run:")) void refresh();
    else listTimer ??= setTimeout(listDue, Math.random() * LIST_SPREAD_MS);
  });
  stream.addEventListener("progress", (event) => {
    const { laneId, text } = JSON.parse(event.data);
    for (const place of document.querySelectorAll(`[data-progress="${CSS.escape(laneId)}"]`)) place.textContent = text;
  });
  stream.addEventListener("error", () => {
    lost(true);
    if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
  });
}

note(document);
connect();
document.addEventListener("visibilitychange", () => {
  if (document.hidden) stream?.close();
  else connect();
});
window.addEventListener("pagehide", () => stream?.close());
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) delete form.dataset.sent;
  connect();
});
// After a message the button of an offer has the focus: a key that is still held down must not start a run.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.repeat) event.preventDefault();
});
/** A form that could not be sent stays as it is, and says so. The same click sent again is still one command. */
function unsent(form) {
  const said = document.createElement("p");
  said.className = "note refused unsent";
  said.role = "alert";
  form.append(said);
  // Announced only where it is put into a place that is there already.
  said.textContent = document.body.dataset.unsent ?? "";
  said.scrollIntoView({ block: "nearest" });
  lost(true);
}

/** As a browser goes where it is redirected; where only the part behind # differs, it would stay on the old page. */
function go(to) {
  const target = new URL(to, location.href);
  if (target.pathname !== location.pathname || target.search !== location.search) return location.assign(target);
  history.replaceState(null, "", "?sent");
  location.replace(target);
}

/** By a request of our own: where the bot is gone, a browser would leave the page, and all that was filled in with it. */
async function send(form, submitter) {
  const fields = new URLSearchParams(new FormData(form));
  if (submitter?.name) fields.set(submitter.name, submitter.value);
  try {
    const headers = { "x-sent-by": "page" };
    const answer = await fetch(form.action, { method: "POST", body: fields, headers });
    const to = answer.headers.get("location");
    if (answer.status === 204 && to !== null) return go(to);
  } catch {
    delete form.dataset.sent;
    return unsent(form);
  }
  // The bot has a page about it: shown by the browser's own way of sending.
  form.dataset.sent = "plain";
  form.requestSubmit(submitter);
}

// A form that has been sent is not sent again by an impatient second click; the server would see through it anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // Who may stands beside the button; the server would only say it again.
  if (event.submitter?.getAttribute("aria-disabled") === "true") return event.preventDefault();
  if (form.method !== "post" || form.dataset.sent === "plain") return;
  event.preventDefault();
  if (form.dataset.sent === "yes") return;
  form.dataset.sent = "yes";
  for (const said of form.querySelectorAll(".unsent")) said.remove();
  void send(form, event.submitter);
});
