// Lists: the plus that opens a row in place, ticks, the filters' form. All of it works without, as links and forms.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const get = (id) => document.getElementById(id);
  const boxes = () => all('input[form="selection"][name="ids"]');

  // The plus ----------------------------------------------------------------------------------------------------

  function expansionOf(plus) {
    const next = plus.closest("tr").nextElementSibling;
    return next?.classList.contains("expansion") ? next : null;
  }

  function show(plus, isOpen) {
    plus.setAttribute("aria-expanded", isOpen);
    const expansion = expansionOf(plus);
    if (expansion) expansion.hidden = !isOpen;
  }

  async function toggle(plus) {
    if (expansionOf(plus)) return show(plus, plus.getAttribute("aria-expanded") !== "true");
    if (plus.ariaBusy === "true") return;
    plus.ariaBusy = "true";
    try {
      const answer = await fetch(plus.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) throw new Error(answer.status); // signed out, or deleted meanwhile
      const row = plus.closest("tr"), expansion = document.createElement("tr"), cell = expansion.insertCell();
      expansion.className = "expansion";
      expansion.id = `${row.id}-more`;
      cell.innerHTML = await answer.text();
      row.after(expansion);
      fit();
      plus.setAttribute("aria-controls", expansion.id);
      show(plus, true);
    } catch {
      location.assign(plus.href); // the page says what is wrong
    } finally {
      plus.ariaBusy = null;
    }
  }

  // Columns go by priority where the table is wider than its card; and what the plus opened is as wide as the rest.
  function fit() {
    all(".table-card").forEach((card) => {
      card.classList.remove("is-tight", "is-tighter");
      for (const less of ["is-tight", "is-tighter"]) if (card.scrollWidth > card.clientWidth + 1) card.classList.add(less);
    });
    const seen = all(".records thead th").filter((cell) => cell.offsetParent !== null).length;
    all(".expansion > td").forEach((cell) => (cell.colSpan = seen || 1));
  }

  // Ticks -------------------------------------------------------------------------------------------------------

  let lastTicked = null;

  function counted() {
    const some = boxes(), number = some.filter((box) => box.checked).length, every = get("tick-all");
    if (every) {
      every.checked = number > 0 && number === some.length;
      every.indeterminate = number > 0 && number < some.length;
    }
    some.forEach((box) => box.closest("tr").classList.toggle("is-ticked", box.checked));
    const status = get("ticked-number"), bar = get("selection-bar");
    if (!status) return;
    status.textContent = number ? `${number} selected` : "Nothing selected";
    if (bar) {
      bar.hidden = number === 0;
      get("selected-number").textContent = number ? status.textContent : "";
    }
    all("[data-needs]").forEach((button) => {
      const fits = button.dataset.needs === "one" ? number === 1 : number > 0;
      const why = get(button.getAttribute("aria-describedby"));
      if (!why) return (button.hidden = !fits); // in the bar
      button.ariaDisabled = fits ? null : "true";
      why.textContent = fits ? "" : button.dataset.needs === "one" ? "Select one row" : "Select at least one row";
    });
  }

  function tick(box, isRange) {
    const some = boxes(), from = some.indexOf(lastTicked), to = some.indexOf(box);
    if (isRange && from >= 0) {
      some.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((one) => (one.checked = box.checked));
    }
    lastTicked = box;
    counted();
  }

  // Filters -----------------------------------------------------------------------------------------------------

  const panel = get("filters");

  async function toggleFilters(button) {
    if (!panel.firstElementChild) {
      const answer = await fetch(button.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) return location.assign(button.href);
      panel.innerHTML = await answer.text();
      panel.hidden = false;
      await searchable();
    } else {
      panel.hidden = !panel.hidden;
    }
    showFiltersState();
  }

  function showFiltersState() {
    const button = get("filters-button");
    if (!button || !panel) return;
    button.setAttribute("role", "button");
    button.setAttribute("aria-expanded", Boolean(panel.firstElementChild) && !panel.hidden);
  }

  function loaded(element) {
    return new Promise((resolve, reject) => {
      element.onload = resolve;
      element.onerror = reject;
      document.head.append(element);
    });
  }

  async function searchable() {
    if (!window.socius.combobox) {
      try {
        await loaded(Object.assign(document.createElement("script"), { src: panel.dataset.script }));
      } catch {
        return; // the plain lists do as well
      }
    }
    all("select", panel).forEach(window.socius.combobox.select);
  }

  function apply(form) {
    const chosen = new FormData(form), search = get("q");
    if (search) chosen.set("q", search.value);
    const address = new URLSearchParams([...chosen].filter(([, value]) => value !== ""));
    location.assign(address.size ? `${form.getAttribute("action")}?${address}` : form.getAttribute("action"));
  }

  // Keys --------------------------------------------------------------------------------------------------------

  function move(step) {
    const some = all(".records .plus"), at = some.indexOf(rowInFocus()?.querySelector(".plus"));
    const next = some[at < 0 ? (step > 0 ? 0 : some.length - 1) : at + step];
    next?.focus();
    next?.closest("tr").scrollIntoView({ block: "nearest" });
  }

  function rowInFocus() {
    const row = document.activeElement?.closest(".records tbody tr");
    return row?.classList.contains("expansion") ? row.previousElementSibling : row;
  }

  const { shortcut } = window.socius;
  shortcut("j", "Next row", () => move(1));
  shortcut("k", "Previous row", () => move(-1));
  shortcut("o", "Expand or collapse the row", () => rowInFocus()?.querySelector(".plus").click());
  if (get("selection")) shortcut("x", "Select the row", () => rowInFocus()?.querySelector('input[name="ids"]').click());

  // Events: on the document, so that they hold for swapped tables too --------------------------------------------

  document.addEventListener("click", (event) => {
    const { target } = event;
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
    const plus = target.closest("a.plus"), filters = target.closest("[data-opens-filters]");
    if (plus && isPlain) {
      event.preventDefault();
      toggle(plus);
    } else if (filters && isPlain) {
      event.preventDefault();
      toggleFilters(filters);
    } else if (target.matches('input[form="selection"][name="ids"]')) {
      tick(target, event.shiftKey);
    } else if (target.id === "clear-selection") {
      boxes().forEach((box) => (box.checked = false));
      counted();
      get("tick-all").focus();
    } else if (target.closest('button[aria-disabled="true"]')) {
      event.preventDefault();
    }
  });

  document.addEventListener("mouseover", ({ target }) => {
    const cell = target.closest?.(".records tbody > tr:not(.expansion) > *"); // what is cut is whole in the title
    if (cell) cell.title = cell.scrollWidth > cell.clientWidth ? cell.innerText : "";
  });

  document.addEventListener("change", ({ target }) => {
    if (target.id !== "tick-all") return;
    boxes().forEach((box) => (box.checked = target.checked));
    counted();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches("a.plus, [data-opens-filters]")) return;
    event.preventDefault(); // a link is pressed with Enter only, a button with both
    event.target.click();
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches(".filters")) return;
    event.preventDefault();
    apply(event.target);
  });

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt.id === "search" && !detail.parameters.q) delete detail.parameters.q;
  });

  function prepare() {
    all("a.plus:not([role])").forEach((plus) => {
      plus.setAttribute("role", "button");
      plus.setAttribute("aria-expanded", "false");
    });
    get("tick-all")?.removeAttribute("hidden");
    fit();
    showFiltersState();
    counted();
  }

  document.addEventListener("htmx:afterSettle", prepare);
  window.addEventListener("pageshow", () => {
    // Browsers fill in what was last typed here; the address says what the list shows.
    get("q").value = new URLSearchParams(location.search).get("q") ?? "";
    prepare();
  });
  window.addEventListener("resize", fit);
  prepare();
})();
