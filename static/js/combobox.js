// Text boxes that suggest: ARIA's editable combobox with a listbox, for records, tags and long selects.
//
// Tab and Shift+Tab leave a box and choose nothing: what counts is what was typed. ↓ and ↑ open the list and move in it,
// Enter chooses, Escape closes. While an input method composes, every key belongs to it. Without scripts each of them is
// the plain text box or select that the page brings.
"use strict";

(() => {
  const TALLEST_LIST = 288; // pixels
  const SHORTEST_LIST = 96;
  const el = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };
  const isComposing = (event) => event.isComposing || event.keyCode === 229;
  // Text as a search compares it: without case and accents.
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();

  // Attach a list of suggestions to a box. `find(text)` returns [{id, text, hint}] or a promise of it; `choose(option)` takes
  // one; `describe(options)` adds to what is announced; `accept()` handles Enter without a marked option, true if it did.
  function suggest(box, { anchor = box, find, choose, describe = () => "", accept = () => false, current = () => -1, delay = 0 }) {
    const list = el("ul", { class: "combo-list", role: "listbox", id: `${box.id}_list`, "aria-label": "Suggestions", hidden: "" });
    const status = el("span", { class: "visually-hidden", role: "status" });
    anchor.after(list, status);
    const aria = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
    for (const [name, value] of Object.entries(aria)) box.setAttribute(name, value);
    let options = [], marked = -1, timer = 0, turn = 0;

    const close = () => {
      clearTimeout(timer);
      turn += 1; // answers that are on their way come too late
      list.hidden = true;
      marked = -1;
      box.setAttribute("aria-expanded", "false");
      box.removeAttribute("aria-activedescendant");
    };
    const mark = (index) => {
      if (!options.length) return;
      marked = (index + options.length) % options.length;
      [...list.children].forEach((item, at) => item.setAttribute("aria-selected", at === marked));
      list.children[marked].scrollIntoView({ block: "nearest" });
      box.setAttribute("aria-activedescendant", list.children[marked].id);
    };
    // Below the box, or above it where it would cover the buttons that save.
    const place = () => {
      const { top, bottom } = anchor.getBoundingClientRect(), parent = list.offsetParent ?? anchor.parentElement;
      const foot = box.form?.querySelector(".form-foot")?.getBoundingClientRect().top ?? Infinity;
      const below = Math.min(foot > top ? foot : Infinity, Math.max(innerHeight, bottom + SHORTEST_LIST)) - bottom - 8, above = top - 8;
      const isBelow = below >= Math.min(list.scrollHeight, TALLEST_LIST) || (below >= above && below >= SHORTEST_LIST);
      list.style.maxHeight = `${Math.min(TALLEST_LIST, Math.max(SHORTEST_LIST, isBelow ? below : above))}px`;
      list.style.top = isBelow ? `${anchor.offsetTop + anchor.offsetHeight}px` : "auto";
      list.style.bottom = isBelow ? "auto" : `${parent.clientHeight - anchor.offsetTop}px`;
    };
    const show = (suggestions) => {
      options = suggestions;
      list.replaceChildren(...options.map(({ text, hint }, at) => {
        const item = el("li", { role: "option", id: `${list.id}_${at}`, "aria-selected": "false" }, text);
        if (hint) item.append(" ", el("small", {}, hint));
        return item;
      }));
      marked = -1;
      box.removeAttribute("aria-activedescendant");
      list.hidden = !options.length;
      box.setAttribute("aria-expanded", String(!list.hidden));
      if (!list.hidden) place();
      if (!list.hidden && current() >= 0) mark(current());
      status.textContent = `${options.length} found${describe(options)}`;
    };
    const open = async () => {
      const own = ++turn;
      try {
        const suggestions = await find(box.value.trim());
        if (own === turn && document.activeElement === box) show(suggestions);
      } catch { close(); }
    };
    const typed = () => {
      clearTimeout(timer);
      if (delay) timer = setTimeout(open, delay);
      else open();
    };
    const take = (item) => {
      const option = options[[...list.children].indexOf(item)];
      close();
      if (option) choose(option);
    };
    box.addEventListener("input", (event) => { if (!event.isComposing) typed(); });
    box.addEventListener("compositionend", typed);
    box.addEventListener("keydown", (event) => {
      if (isComposing(event) || event.ctrlKey || event.metaKey) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) open();
        else mark(marked < 0 && event.key === "ArrowUp" ? -1 : marked + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && !list.hidden && marked >= 0) {
        event.preventDefault();
        take(list.children[marked]);
      } else if (event.key === "Enter" && accept()) {
        event.preventDefault();
        close();
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        close();
      }
    });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // before the box loses the focus, and with it the list
    list.addEventListener("click", (event) => {
      const item = event.target.closest("[role=option]");
      if (item) take(item);
    });
    box.addEventListener("blur", close);
    return { open, close, announce: (text) => { status.textContent = text; } };
  }

  async function fetchOptions(url, parameters) {
    const address = new URL(url, location.href);
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) address.searchParams.set(name, value);
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(response.status);
    return (await response.json()).options;
  }

  // A record, by its name. The hidden box beside it holds the id of the one that was chosen; other text, and it is empty.
  function lookup(input) {
    const id = input.form.elements[`${input.name}-id`];
    const near = () => (input.dataset.near && input.form.elements[`${input.dataset.near}-id`]?.value) || undefined;
    input.addEventListener("input", () => { id.value = ""; });
    suggest(input, {
      delay: 150,
      find: (text) => fetchOptions(input.dataset.combo, { q: text, near: near() }),
      choose: (option) => {
        input.value = option.text;
        id.value = option.id;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      },
      describe: (options) => {
        const text = input.value.trim();
        return text && !options.some((option) => fold(option.text) === fold(text)) ? `. Saving adds “${text}”` : "";
      },
    });
  }

  // A box that takes the place of a control: its label, its descriptions, and a place for a sentence on what was typed.
  function standIn(control) {
    const box = el("input", { id: `${control.id}_box`, class: "form-control", type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
    const problem = el("ul", { class: "errorlist", id: `${control.id}_problem`, "aria-live": "polite" });
    const { labels } = control, described = control.getAttribute("aria-describedby"), isInvalid = control.getAttribute("aria-invalid");
    for (const label of [...labels ?? []]) label.htmlFor = box.id;
    if (!labels?.length && control.ariaLabel) box.ariaLabel = control.ariaLabel;
    box.disabled = control.disabled;
    box.required = control.required;
    control.required = false; // browsers would ask to fill in what is hidden
    const complain = (text) => {
      problem.replaceChildren(...(text ? [el("li", {}, text)] : []));
      box.setAttribute("aria-describedby", [described, text && problem.id].filter(Boolean).join(" "));
      if (text || isInvalid) box.setAttribute("aria-invalid", "true");
      else box.removeAttribute("aria-invalid");
    };
    complain("");
    control.hidden = true;
    control.after(box, problem);
    return { box, complain };
  }

  // Chosen entries before a box, each with a button that takes it away. They are reached from the box by ← and Backspace,
  // so that Tab leaves at once. `names()` returns them, `remove(index)` takes one away.
  function tokens(box, names, remove) {
    const frame = el("div", { class: "tokens form-control" });
    const list = el("ul", { "aria-label": "Selected", hidden: "" });
    box.before(frame);
    frame.append(list, box);
    box.classList.remove("form-control");
    frame.addEventListener("click", (event) => { if (event.target === frame || event.target === list) box.focus(); });
    const buttons = () => [...list.querySelectorAll("button")];
    const drop = (index, to) => {
      remove(index);
      (buttons()[to] ?? box).focus();
    };
    list.addEventListener("mousedown", (event) => event.preventDefault()); // leaving the box could draw the buttons anew
    list.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) drop(buttons().indexOf(button), Infinity);
    });
    list.addEventListener("keydown", (event) => {
      const all = buttons(), at = all.indexOf(event.target.closest("button"));
      if (event.key === "ArrowLeft") (all[at - 1] ?? all[0]).focus();
      else if (event.key === "ArrowRight") (all[at + 1] ?? box).focus();
      else if (event.key === "Escape") box.focus();
      else if (event.key === "Backspace" || event.key === "Delete") drop(at, at);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    box.addEventListener("keydown", (event) => {
      if (isComposing(event) || box.selectionEnd || !names().length) return;
      if (event.key === "ArrowLeft") buttons().at(-1).focus();
      else if (event.key === "Backspace" && !event.repeat) drop(names().length - 1, Infinity);
      else return;
      event.preventDefault();
    });
    const render = () => {
      list.hidden = !names().length;
      list.replaceChildren(...names().map((name) => {
        const item = el("li", { class: "tag" }, name);
        item.append(el("button", { type: "button", tabindex: "-1", "aria-label": `Remove ${name}` }, "×"));
        return item;
      }));
    };
    render();
    return { frame, render };
  }

  // A select that is long, or of which several are chosen: searched by typing.
  function select(control) {
    const { multiple } = control, url = control.dataset.options;
    const { box, complain } = standIn(control);
    const entries = () => [...control.options].map(({ value, text, dataset }) => {
      const code = /\D/.test(value) ? [value] : []; // ids of rows say nothing to anybody
      const names = [text, ...(dataset.aliases ?? "").split(","), ...code].map(fold).filter(Boolean);
      return { id: value, text: text.trim(), words: names.join(" "), names };
    });
    const chosen = () => [...control.selectedOptions];
    const label = () => (!multiple && chosen()[0]?.value ? chosen()[0].text.trim() : "");
    const ids = (list) => list.filter(({ id }) => !multiple || !chosen().some((option) => option.value === id));
    const matching = (text) => {
      const start = fold(text), fit = ids(entries()).filter(({ words }) => start.split(/\s+/).every((word) => words.includes(word)));
      const rank = ({ names }) => (names.includes(start) ? 0 : names[0]?.startsWith(start) ? 1 : 2);
      return fit.sort((one, other) => rank(one) - rank(other));
    };
    let latest = []; // what the server suggested last
    const find = async (text) => {
      if (!url) return text === label() ? ids(entries()) : matching(text);
      const options = await fetchOptions(url, { q: text });
      latest = ids(options.map(({ id, text: name, hint }) => ({ id: String(id), text: hint ? `${name} · ${hint}` : name })));
      return latest;
    };
    const parts = multiple && tokens(box, () => chosen().map((option) => option.text.trim()), (index) => {
      chosen()[index].selected = false;
      changed();
    });
    const refresh = () => {
      complain("");
      box.value = label();
      if (multiple) parts.render();
      box.placeholder = !multiple ? chosen()[0]?.text.trim() ?? "" : chosen().length ? "" : url ? "Type a name" : "Any";
    };
    const changed = () => control.dispatchEvent(new Event("change", { bubbles: true }));
    const choose = ({ id, text }) => {
      if (url && ![...control.options].some((option) => option.value === id)) control.append(new Option(text, id));
      if (multiple) [...control.options].find((option) => option.value === id).selected = true;
      else control.value = id;
      changed();
    };
    // Takes what was typed: the entry that is called so, or the only one that fits. True if there is nothing left to take.
    const settle = () => {
      const text = box.value.trim();
      if (fold(text) === fold(label())) {
        if (text !== label()) refresh();
        return true;
      }
      const fitting = !text ? entries().filter(({ id }) => !id) : url ? latest : matching(text);
      const same = fitting.filter((entry) => (entry.names ?? [fold(entry.text)]).includes(fold(text)));
      const [option] = same.length ? same : fitting.length === 1 ? fitting : [];
      if (option) choose(option);
      else complain(text ? `“${text}” isn’t in the list. Choose an item from the list.` : "Choose an item from the list.");
      return Boolean(option);
    };
    const isNarrowed = () => box.value.trim() && box.value.trim() !== label();
    const { open } = suggest(box, {
      anchor: parts ? parts.frame : box,
      delay: url ? 150 : 0,
      find,
      choose,
      accept: () => isNarrowed() && settle(),
      current: () => (isNarrowed() ? 0 : multiple ? -1 : control.selectedIndex),
    });
    refresh();
    control.addEventListener("change", refresh);
    addEventListener("pageshow", refresh); // on reload and Back the browser selects again, without an event
    box.addEventListener("input", (event) => {
      event.stopPropagation(); // it is the select that the form knows
      complain("");
    });
    box.addEventListener("change", (event) => event.stopPropagation());
    let isFresh = false; // the click that brings the focus would put the caret between letters, and typing beside them
    box.addEventListener("focus", () => { isFresh = true; box.select(); });
    box.addEventListener("click", () => { if (isFresh) box.select(); isFresh = false; open(); });
    box.addEventListener("keydown", (event) => { if (event.key === "Escape" && !isComposing(event)) refresh(); });
    box.addEventListener("blur", settle);
    control.form?.addEventListener("submit", (event) => {
      if (settle()) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // nothing is sent
      box.focus();
    }, { capture: true });
  }

  window.socius.combobox = { el, isComposing, fold, suggest, standIn, tokens, lookup, select };
})();
