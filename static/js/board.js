// Boards: a card dropped into another column posts the form that its "move to" button would post.
function wire(root) {
  for (const list of root.querySelectorAll("[data-column]")) {
    window.Sortable.create(list, {
      group: "board", animation: 120, delay: 150, delayOnTouchOnly: true, ghostClass: "ghost",
      draggable: "[data-drag]", filter: "a, button, select, summary, input", preventOnFilter: false, sort: false,
      onEnd: (event) => drop(event),
    });
  }
}

function drop(event) {
  const { item, from, to } = event;
  if (from === to) return;
  const form = item.querySelector("form[data-move]");
  const target = form.querySelector("select");
  target.value = to.dataset.column;
  if (target.value !== to.dataset.column) { // a column this record cannot go to
    from.insertBefore(item, from.children[event.oldIndex] ?? null);
    return;
  }
  form.requestSubmit();
}

wire(document);
document.addEventListener("htmx:afterSwap", (event) => wire(event.detail.target));
