// The Settings tab: entries are dragged into order; where that is not possible, the arrows do it.
"use strict";

(() => {
  const place = document.getElementById("entries");
  const said = document.getElementById("said");
  if (!place) return;

  const say = (text) => { said.textContent = text; };
  const rows = (body) => [...body.querySelectorAll("tr[data-id]")];

  const send = async (body, item, before) => {
    const form = new FormData();
    const name = nameOf(item);
    form.append("moved", item.dataset.id);
    for (const row of rows(body)) form.append("ids", row.dataset.id);
    const token = place.querySelector("[name=csrfmiddlewaretoken]").value;
    try {
      const answer = await fetch(body.dataset.order, { method: "POST", body: form, headers: { "X-CSRFToken": token } });
      if (answer.status !== 204) throw new Error(answer.status);
      say(`${name} is now ${position(body, name)}.`);
      arrows(body);
    } catch {
      body.replaceChildren(...before);
      socius.notice("Couldn’t save the new order. Check your connection and try again.", "error");
    }
  };

  const nameOf = (row) => row.querySelector(".entry-name a").textContent;
  const position = (body, name) => {
    const names = rows(body).map(nameOf);
    return `${names.indexOf(name) + 1} of ${names.length}`;
  };

  // The first can't go up and the last can't go down, whichever these are after a drag.
  const arrows = (body) => {
    const all = rows(body);
    all.forEach((row, index) => {
      const [up, down] = row.querySelectorAll(".move");
      up.setAttribute("aria-disabled", index === 0);
      down.setAttribute("aria-disabled", index === all.length - 1);
    });
  };

  const makeSortable = () => {
    const body = place.querySelector("tbody[data-order]");
    if (!body || !window.Sortable) return;
    body.classList.add("is-sortable");
    let before = rows(body);
    new Sortable(body, {
      handle: ".grip",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      onStart: () => { before = rows(body); },
      onEnd: (event) => {
        if (event.oldIndex !== event.newIndex) send(body, event.item, before);
      },
    });
  };

  let moved = null, added = false;
  document.addEventListener("submit", (event) => {
    if (event.submitter?.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    moved = event.target.dataset.moves ?? null;
    added = event.target.matches(".add-entry");
  }, true);
  // What dragging leaves behind: htmx would copy it as text, which the page's policy forbids.
  document.addEventListener("htmx:beforeSwap", () => {
    for (const row of place.querySelectorAll("tr[style]")) row.removeAttribute("style");
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target !== place) return;
    makeSortable();
    const form = place.querySelector(".add-entry");
    if (added) (form.querySelector("[aria-invalid=true]") ?? form.querySelector("[name=name]")).focus();
    added = false;
    const body = place.querySelector("tbody[data-order]");
    if (moved && body) say(`${moved} is now ${position(body, moved)}.`);
    moved = null;
  });
  makeSortable();
})();
