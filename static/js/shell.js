// Menus, toasts, the busy bar and the keyboard. Every page works when this file does not load.
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- menus: <details class="menu"> -----------------------------------------------------------------------------------
const openMenus = () => all("details.menu[open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = openMenus().at(-1);
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  } else if (["ArrowDown", "ArrowUp"].includes(event.key) && menu.contains(event.target) && !event.target.matches("select, textarea")) {
    const items = all(".pop a, .pop button, .pop input:not([type=hidden])", menu).filter((item) => item.offsetParent);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const at = items.indexOf(document.activeElement);
    items[(at < 0 && step < 0 ? items.length - 1 : at + step + items.length) % items.length]?.focus();
    event.preventDefault();
  }
});

// --- toasts ----------------------------------------------------------------------------------------------------------
const toasts = document.getElementById("toasts");
const SHOWN_MS = 8000;

function live(toast) {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn-reset";
  close.textContent = "×";
  close.setAttribute("aria-label", toasts.dataset.close);
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  if (toast.classList.contains("error")) return; // errors stay until they are closed
  let timer = setTimeout(() => toast.remove(), SHOWN_MS);
  for (const pause of ["mouseenter", "focusin"]) toast.addEventListener(pause, () => clearTimeout(timer));
  for (const resume of ["mouseleave", "focusout"]) {
    toast.addEventListener(resume, () => { timer = setTimeout(() => toast.remove(), SHOWN_MS); });
  }
}

export function say(text, kind = "") {
  const toast = document.createElement("div");
  toast.className = `toast-c ${kind}`.trim();
  const words = document.createElement("span");
  words.className = "grow";
  words.textContent = text;
  toast.append(words);
  toasts.append(toast);
  live(toast);
}

if (toasts) all(".toast-c", toasts).forEach(live);
// Toasts that came along with a part of the page.
document.addEventListener("htmx:oobAfterSwap", () => {
  if (toasts) all(".toast-c", toasts).filter((toast) => !toast.querySelector(":scope > .btn-reset")).forEach(live);
});

// --- requests of htmx: the bar on top, refusals, a session that ended --------------------------------------------------
const app = document.querySelector(".app");
let running = 0;
function busy(step) {
  running = Math.max(0, running + step);
  if (running) setTimeout(() => { if (running) app?.setAttribute("aria-busy", "true"); }, 300);
  else app?.removeAttribute("aria-busy");
}
document.addEventListener("htmx:beforeRequest", () => busy(1));
document.addEventListener("htmx:afterRequest", () => busy(-1));
document.addEventListener("htmx:sendError", () => { if (app) say(app.dataset.offline, "error"); });
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status !== 401 && app) say(`${app.dataset.refused} (${event.detail.xhr.status})`, "error");
});
// After a swap the focus goes to the first error, or to what asks for it.
document.addEventListener("htmx:afterSwap", (event) => event.detail.target.querySelector("[data-focus]")?.focus());
document.querySelector("[data-focus]")?.focus();

// The tab that is open is in sight, also on a phone.
document.querySelector(".tabs .on")?.scrollIntoView({ block: "nearest", inline: "center" });

// --- keyboard: never while typing; single keys can be switched off on the preferences page (WCAG 2.1.4) ------------------
const KEYS_OFF = "banyan:keys-off";
const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  const search = all("[data-search]").find((input) => input.offsetParent);
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (search) search.select();
    else location.assign(document.querySelector(".find").action);
  } else if (event.key === "/" && !event.ctrlKey && !event.metaKey && !typing(event.target) && !localStorage.getItem(KEYS_OFF)) {
    const here = document.querySelector("[data-quicksearch]") ?? search;
    if (here) { event.preventDefault(); here.focus(); }
  }
});

for (const box of all("[data-keys]")) {
  box.closest("[hidden]")?.removeAttribute("hidden");
  box.checked = !localStorage.getItem(KEYS_OFF);
  box.addEventListener("change", () => box.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, "1"));
}

// --- small things ------------------------------------------------------------------------------------------------------
// A control with data-submit sends its form as soon as it changes (language, page size); without script the button does.
document.addEventListener("change", (event) => { if (event.target.matches("[data-submit]")) event.target.form.requestSubmit(); });
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-back]")) { event.preventDefault(); history.back(); }
});
