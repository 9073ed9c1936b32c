// Lists: choosing rows shows the bar of actions on many records; without script the bar is always there.
const bar = () => document.querySelector("[data-bulk]");
const rows = () => [...document.querySelectorAll("[data-row]")];

function update() {
  const boxes = rows();
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr").classList.toggle("sel", box.checked);
  const every = document.querySelector("[data-all]");
  if (every) {
    every.checked = boxes.length > 0 && chosen.length === boxes.length;
    every.indeterminate = chosen.length > 0 && chosen.length < boxes.length;
  }
  const actions = bar();
  if (!actions) return;
  actions.hidden = chosen.length === 0;
  const count = actions.querySelector("[data-n]");
  if (count) count.textContent = chosen.length;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) for (const box of rows()) box.checked = event.target.checked;
  if (event.target.matches("[data-all], [data-row]")) update();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-none]")) return;
  for (const box of rows()) box.checked = false;
  update();
  document.querySelector("[data-all]")?.focus();
});
document.addEventListener("htmx:afterSettle", update);
addEventListener("pageshow", update);
update();

// What a filter form leaves empty does not go into the address; htmx asks the form the same way as the browser does.
document.addEventListener("formdata", ({ target, formData }) => {
  if (!target.matches("[data-lean]")) return;
  for (const name of new Set(formData.keys())) if (formData.getAll(name).every((value) => value === "")) formData.delete(name);
});
