// The frame of every page: menus, theme, notices, shortcuts. Each page works without; this makes it smoother.
"use strict";

window.socius = (() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];

  // Menus: <details class="menu">. One is open at a time; Escape, a click elsewhere and leaving by Tab close it.

  const closeMenus = (except) => {
    for (const menu of $$("details.menu[open]")) if (!menu.contains(except)) menu.open = false;
  };
  const entries = (menu) => $$("a, button:not(:disabled), input", menu).filter((entry) => entry.checkVisibility());

  function inMenu(event) {
    const menu = event.target.closest?.("details.menu");
    if (!menu) return;
    const summary = $("summary", menu);
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      summary.focus();
      event.stopPropagation();
    }
    if (!["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key) || event.target.matches("input, select")) return;
    if (!menu.open && event.target !== summary) return;
    event.preventDefault();
    menu.open = true;
    const list = entries(menu);
    const here = list.indexOf(document.activeElement);
    const next = { ArrowDown: here + 1, ArrowUp: here < 0 ? -1 : here - 1, Home: 0, End: -1 }[event.key];
    list.at(next % list.length)?.focus();
  }
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", inMenu);
  document.addEventListener("focusout", (event) => {
    const menu = event.target.closest("details.menu");
    if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  addEventListener("pageshow", (event) => event.persisted && closeMenus(null));

  // Notices: what happened, where people look for it, announced.

  function notice(text, level = "info") {
    const line = document.createElement("div");
    const words = document.createElement("span");
    const close = document.createElement("button");
    line.className = `notice notice-${level}`;
    words.textContent = text;
    close.className = "close";
    close.type = "button";
    close.textContent = "×";
    close.ariaLabel = "Close";
    close.addEventListener("click", () => line.remove());
    line.append(words, close);
    $("#messages").replaceChildren(line);
    line.scrollIntoView({ block: "nearest" });
  }

  // Part of a page that could not be fetched is never silently nothing.

  const REFUSED = {
    403: "You don’t have permission to do this. Ask a workspace admin.",
    404: "This no longer exists. Reload the page.",
    429: "Too many attempts. Wait a few minutes and try again.",
    503: "The database isn’t responding. Try again in a few seconds.",
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    // A session that has ended answers with the sign-in page: the whole page goes there, and comes back;
    // but not while a form is open on it, which is kept when it is saved.
    if (new URL(event.detail.xhr.responseURL || location, location).pathname.startsWith("/accounts/login")) {
      event.detail.shouldSwap = false;
      if ($("form[data-record-form]")) notice("You’ve been signed out. Click Save to sign in again; nothing you typed is lost.", "warning");
      else location.reload();
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    notice(REFUSED[status] || `Something went wrong (${status}). Reload the page and try again.`, "error");
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, () => notice("The server isn’t responding. Check your connection and try again.", "error"));
  }

  // Theme: at once, without losing what is typed on the page.

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form.themes");
    if (!form || !event.submitter) return;
    event.preventDefault();
    const before = document.documentElement.dataset.theme;
    const show = (theme) => {
      document.documentElement.dataset.theme = theme;
      for (const button of $$("button", form)) button.ariaPressed = String(button.value === theme);
      document.dispatchEvent(new CustomEvent("socius:theme"));
    };
    show(event.submitter.value);
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual" });
      if (answer.type !== "opaqueredirect") throw answer.status;
    } catch {
      show(before);
      notice("Couldn’t save the theme. Reload the page and try again.", "error");
    }
  });

  // The color that a CSS value stands for here and now, for what paints by itself: color("var(--c-blue)").

  function color(value) {
    const probe = document.body.appendChild(document.createElement("i"));
    probe.style.color = value;
    probe.style.forcedColorAdjust = "none";
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }

  // Shortcuts: a key or two in a row. Elements say theirs by data-keys="g p"; scripts by shortcut("x", "What it does", act).

  const shortcuts = new Map();
  const shortcut = (keys, label, act) => shortcuts.set(keys, { label, act });
  const OFF = "socius.shortcuts";
  const areOn = () => localStorage.getItem(OFF) !== "off";

  function press(element) {
    if (element.matches("input, select, textarea")) {
      element.focus();
      element.select?.();
    } else element.click();
  }

  function searchEverything() {
    const box = $(".everything input");
    if (box?.checkVisibility()) press(box);
    else $(".search-link")?.click();
  }

  shortcut("/", "Search", () => {
    const boxes = [...$$("main [role=search] input[type=search]"), ...$$(".everything input")];
    const box = boxes.find((input) => input.checkVisibility());
    if (box) press(box);
    else $(".search-link")?.click();
  });
  if ($(".search-link")) shortcut("Ctrl+K", "Search everything", searchEverything); // in the list; see keydown
  shortcut("?", "Show keyboard shortcuts", () => openKeys());

  function every() {
    const found = new Map(shortcuts);
    for (const element of $$("[data-keys]").filter((one) => one.checkVisibility({ checkVisibilityCSS: true }))) {
      const label = element.dataset.keysLabel || element.ariaLabel || element.textContent.trim();
      if (!found.has(element.dataset.keys)) found.set(element.dataset.keys, { label, act: () => press(element) });
    }
    return found;
  }

  let before = "";
  let at = 0;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && $(".search-link")) {
      event.preventDefault();
      searchEverything();
      return;
    }
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !areOn()) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable], dialog, .tokens")) return;
    if (event.key.length !== 1 && event.key !== "Escape") return;
    const known = every();
    const both = Date.now() - at < 1500 ? `${before} ${event.key}` : "";
    const found = known.get(both) || known.get(event.key);
    [before, at] = found ? ["", 0] : [event.key, Date.now()];
    if (!found) return;
    event.preventDefault();
    found.act();
  });

  function openKeys() {
    $("#keys")?.remove();
    const dialog = document.createElement("dialog");
    dialog.id = "keys";
    dialog.setAttribute("aria-labelledby", "keys-title");
    dialog.innerHTML = `<header><h2 id="keys-title">Keyboard shortcuts</h2><form method="dialog"><button class="btn btn-sm">Close</button></form></header>
      <table class="keys"><thead class="visually-hidden"><tr><th scope="col">Action</th><th scope="col">Keys</th></tr></thead><tbody></tbody></table>
      <label class="check"><input type="checkbox"> <span>Use keyboard shortcuts in this browser</span></label>`;
    for (const [keys, { label }] of every()) {
      const row = $("tbody", dialog).insertRow();
      const head = row.appendChild(document.createElement("th"));
      head.scope = "row";
      head.textContent = label;
      const cell = row.insertCell();
      keys.split(" ").forEach((key, number) => {
        if (number) cell.append(" then ");
        cell.appendChild(document.createElement("kbd")).textContent = key;
      });
    }
    const box = $("input", dialog);
    box.checked = areOn();
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "off")));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
  for (const opener of $$("[data-opens=keys]")) {
    opener.hidden = false;
    opener.addEventListener("click", () => {
      closeMenus(null);
      openKeys();
    });
  }

  // Bars that scroll sideways fade out at the edges behind which there is more.

  function fade(bar) {
    const isScrolled = getComputedStyle(bar).overflowX === "auto";
    bar.classList.toggle("has-more-before", isScrolled && bar.scrollLeft > 1);
    bar.classList.toggle("has-more-after", isScrolled && bar.scrollLeft + bar.clientWidth < bar.scrollWidth - 1);
  }
  const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => fade(target)));
  function watchBars() {
    for (const bar of $$(".tabbar .bar, .tabs, .subtabs, .periods")) {
      bar.addEventListener("scroll", () => fade(bar), { passive: true });
      resized.observe(bar); // calls at once, too
    }
  }
  document.addEventListener("htmx:afterSettle", watchBars);
  watchBars();

  // The open tab is in sight where its bar scrolls. scrollIntoView would make Chromium begin the Tab order there.
  function reveal(link) {
    let bar = link?.parentElement;
    while (bar && bar.scrollWidth <= bar.clientWidth) bar = bar.parentElement;
    if (bar) bar.scrollLeft += link.getBoundingClientRect().left - bar.getBoundingClientRect().left - (bar.clientWidth - link.offsetWidth) / 2;
  }
  reveal($(".tabs [aria-current]"));

  return { notice, shortcut, color, reveal };
})();
