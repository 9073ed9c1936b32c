// Lists and boards: filter forms without empty values in the address.

// What a filter form leaves empty does not go into the address; htmx asks the form the same way as the browser does.
document.addEventListener("formdata", ({ target, formData }) => {
  if (!target.matches("[data-lean]")) return;
  for (const name of new Set(formData.keys())) if (formData.getAll(name).every((value) => value === "")) formData.delete(name);
});

// --- ticked rows: the box in the head ticks the page, the bar says how many; without script the boxes and the bar work alone --
const boxes = (form) => [...document.querySelectorAll(".ck [name=keys]")].filter((box) => box.form === form);

function told(form) {
  const all = boxes(form), ticked = all.filter((box) => box.checked).length;
  const head = [...document.querySelectorAll("[data-tick-all]")].find((box) => box.form === form);
  if (head) Object.assign(head, { hidden: false, checked: ticked > 0 && ticked === all.length, indeterminate: ticked > 0 && ticked < all.length });
  const words = form?.querySelector("[data-ticked]");
  if (words) words.textContent = `${words.dataset.words ??= words.textContent} ${ticked}`;
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-tick-all]")) for (const box of boxes(target.form)) box.checked = target.checked;
  if (target.matches("[data-tick-all], .ck [name=keys]")) told(target.form);
});
document.addEventListener("reset", ({ target }) => setTimeout(() => told(target)));
const tellAll = () => { for (const box of document.querySelectorAll("[data-tick-all]")) told(box.form); };
document.addEventListener("htmx:afterSwap", tellAll);
window.addEventListener("pageshow", tellAll);
tellAll();
