// Lists and boards: filter forms without empty values in the address.

// What a filter form leaves empty does not go into the address; htmx asks the form the same way as the browser does.
document.addEventListener("formdata", ({ target, formData }) => {
  if (!target.matches("[data-lean]")) return;
  for (const name of new Set(formData.keys())) if (formData.getAll(name).every((value) => value === "")) formData.delete(name);
});
