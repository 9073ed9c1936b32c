// Forms: the drawer, Ctrl Enter, drafts that outlive a lost session, and boxes that suggest records while one types.
import { say } from "./shell.js";

const app = document.querySelector(".app");
const drawer = document.getElementById("drawer");

// --- drawer: a link with data-drawer opens its form page beside the list; without script it is a plain link -------------
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-drawer]");
  if (!link || !window.htmx || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  link.closest("details.menu")?.removeAttribute("open");
  window.htmx.ajax("GET", link.href, { target: "#drawer", swap: "innerHTML" }).catch(() => location.assign(link.href));
});

drawer?.addEventListener("click", (event) => {
  const beside = event.target === drawer && !touched(drawer);
  if (beside || event.target.closest("[data-close]")) { event.preventDefault(); drawer.close(); }
});
drawer?.addEventListener("close", () => drawer.replaceChildren());

// Whether something was typed since the form was opened: then a click beside it does not close it.
function touched(root) {
  return [...root.querySelectorAll("input:not([type=hidden]), textarea")].some((field) => changed(field));
}

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== drawer || !drawer.firstElementChild) return;
  if (!drawer.open) drawer.showModal();
  const first = drawer.querySelector("[data-focus], .bd input:not([type=hidden]), .bd select, .bd textarea");
  first?.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("form");
  if (form?.method === "post") { event.preventDefault(); form.requestSubmit(); }
});

// --- drafts: only what differs from the page as it came, per person, in this tab -----------------------------------------
const KEPT = `draft:${app?.dataset.user}:`;
const SENT = "sent:";
const place = (form) => KEPT + new URL(form.action, location).pathname;
const kept = (field) => field.name && !["hidden", "password", "file", "submit"].includes(field.type);

function changed(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return field.value !== field.defaultValue;
}

function valueOf(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked;
  return field.tagName === "SELECT" ? [...field.selectedOptions].map((option) => option.value) : field.value;
}

function put(field, value) {
  if (field.type === "checkbox" || field.type === "radio") field.checked = value;
  else if (field.tagName === "SELECT") for (const option of field.options) option.selected = value.includes(option.value);
  else field.value = value;
}

const keyOf = (field) => ["checkbox", "radio"].includes(field.type) ? `${field.name}=${field.value}` : field.name;

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-draft]")) return;
  const draft = {};
  for (const field of form.elements) if (kept(field) && changed(field)) draft[keyOf(field)] = valueOf(field);
  sessionStorage.setItem(place(form), JSON.stringify(draft));
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-draft]")) sessionStorage.setItem(SENT + place(event.target), "1");
  if (event.target.matches("[data-leave]")) for (const key of Object.keys(sessionStorage)) if (key.includes("draft:")) sessionStorage.removeItem(key);
});

function forget(key) {
  sessionStorage.removeItem(key);
  sessionStorage.removeItem(SENT + key);
}

function restore(form) {
  const key = place(form);
  const draft = JSON.parse(sessionStorage.getItem(key) ?? "{}");
  if (form.querySelector(".is-invalid, [data-focus]")) return; // the server sent back what was typed
  let found = false;
  for (const field of form.elements) {
    if (kept(field) && keyOf(field) in draft) { put(field, draft[keyOf(field)]); found = true; }
  }
  const notice = form.querySelector("[data-restored]");
  if (!found || !notice) return;
  notice.hidden = false;
  notice.querySelector("button").addEventListener("click", () => { forget(key); form.reset(); notice.hidden = true; });
}

// What was sent and did not end at the sign-in page has been saved.
const cameFromSignIn = document.referrer && new URL(document.referrer).pathname.startsWith("/accounts/login");
if (app && !cameFromSignIn) {
  const refused = document.querySelector("form[data-draft] .is-invalid, form[data-draft] [data-focus]");
  for (const key of Object.keys(sessionStorage)) if (!refused && key.startsWith(SENT + KEPT)) forget(key.slice(SENT.length));
}
const restoreAll = (root) => root.querySelectorAll("form[data-draft]").forEach(restore);
restoreAll(document);
document.addEventListener("htmx:afterSwap", (event) => restoreAll(event.detail.target));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (form.matches?.("form[data-draft]") && event.detail.xhr.status < 400) forget(place(form));
});
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-cancel]") && event.target.closest("form[data-draft]");
  if (form) forget(place(form));
});

// --- pickers: a text box whose list of suggestions follows what is typed -------------------------------------------------
let waiting;
document.addEventListener("input", (event) => {
  const box = event.target;
  if (!box.matches?.("[data-picker]") || event.inputType === "insertReplacementText" || !event.inputType) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => suggest(box), 200);
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("[data-picker]") && !event.target.list) suggest(event.target);
});

function listOf(box) {
  if (box.list) return box.list;
  const list = document.createElement("datalist");
  list.id = `${box.id}-choices`;
  box.after(list);
  box.setAttribute("list", list.id);
  return list;
}

async function suggest(box) {
  const address = new URL(box.dataset.choicesUrl, location);
  const before = "several" in box.dataset ? box.value.slice(0, box.value.search(/[^;；]*$/)) : ""; // names that stand there
  address.searchParams.set("q", box.value.slice(before.length).trim());
  try {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return; // the box goes on working as plain text
    const { choices } = await answer.json();
    listOf(box).replaceChildren(...choices.map((choice) => new Option(before + choice, before + choice)));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    if (app) say(app.dataset.offline, "error");
  }
}
