// Boards: a card dropped into another column sends the hidden move form; when the server refuses, the card goes back.
let dropped = null; // the card on its way: { item, from, next }

function wire(root) {
  for (const list of root.querySelectorAll("[data-column]")) {
    window.Sortable.create(list, {
      group: { name: "board", put: !("closed" in list.dataset) },
      draggable: "[data-drag]",
      ghostClass: "ghost",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      delay: 150,
      delayOnTouchOnly: true,
      sort: false,
      onEnd: drop,
    });
  }
}

function drop({ item, from, to, oldIndex }) {
  if (from === to) return;
  const form = document.getElementById("move");
  dropped = { item, from, next: from.children[oldIndex] ?? null };
  form.elements.to.value = to.dataset.column;
  window.htmx.ajax("POST", item.dataset.drag, { source: form, target: "#list", swap: "innerHTML" }).catch(putBack);
}

function putBack() {
  if (!dropped) return;
  dropped.from.insertBefore(dropped.item, dropped.next);
  dropped = null;
}

// The server asks for details in the drawer: until they are saved, the card stands where it was.
document.getElementById("drawer")?.addEventListener("close", putBack);
document.addEventListener("htmx:responseError", putBack);
document.addEventListener("htmx:sendError", putBack);
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "list") return;
  dropped = null;
  wire(detail.target);
});

wire(document);
