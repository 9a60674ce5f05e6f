// What makes forms smoother. Each of them works without: names are typed, the server finds what is meant.
(() => {
  const fieldOf = (control) => control.closest(".field");
  const el = (tag, attributes = {}, text = "") => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.textContent = text;
    return made;
  };

  // A text box that offers rows for what is typed: ARIA's combobox with a list.
  // The hidden box beside it holds the id of the row that was picked; other text, and it is empty.
  function combo(input) {
    const id = input.form.elements[`${input.name}-id`];
    const list = el("ul", { class: "combo-list", role: "listbox", id: `${input.id}_list`, "aria-label": "Found", hidden: "" });
    const status = el("span", { class: "visually-hidden", role: "status" });
    input.after(list, status);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
    let active = -1, timer = 0, asked = 0;

    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (index) => {
      const options = [...list.children];
      if (!options.length) return;
      active = (index + options.length) % options.length;
      options.forEach((option, at) => option.setAttribute("aria-selected", at === active));
      options[active].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[active].id);
    };
    const pick = (option) => {
      input.value = option.dataset.text;
      id.value = option.dataset.id;
      close();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const show = (options) => {
      const typed = input.value.trim();
      list.replaceChildren(...options.map((row, at) => {
        const option = el("li", { role: "option", id: `${list.id}_${at}`, "aria-selected": "false" }, row.text);
        if (row.hint) option.append(" ", el("small", {}, row.hint));
        Object.assign(option.dataset, { id: row.id, text: row.text });
        return option;
      }));
      active = -1;
      list.hidden = !options.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      const isNew = typed && !options.some((row) => row.text.toLowerCase() === typed.toLowerCase());
      status.textContent = `${options.length} found${isNew ? `; saving adds “${typed}”` : ""}`;
    };
    const search = async () => {
      const turn = ++asked;
      const address = new URL(input.dataset.combo, location.href);
      address.searchParams.set("q", input.value.trim());
      const near = input.dataset.near && input.form.elements[`${input.dataset.near}-id`]?.value;
      if (near) address.searchParams.set("near", near);
      try {
        const response = await fetch(address, { headers: { Accept: "application/json" } });
        if (response.ok && turn === asked && document.activeElement === input) show((await response.json()).options);
      } catch { close(); }
    };
    input.addEventListener("input", () => {
      id.value = "";
      clearTimeout(timer);
      timer = setTimeout(search, 150);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) search();
        else mark(active + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && active >= 0 && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        pick(list.children[active]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.stopPropagation();
        close();
      }
    });
    // Before the box loses the focus, and with it the list.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) pick(option);
    });
    input.addEventListener("blur", close);
  }

  // A long choice is searched by typing.
  function searchable(select) {
    const label = select.labels[0]?.firstChild?.textContent;
    const box = new TomSelect(select, { maxOptions: null, allowEmptyOption: true, selectOnTab: true, refreshThrottle: 0, plugins: ["dropdown_input"] });
    if (label) box.control_input.setAttribute("aria-label", label);
  }

  // "a, b" and, where a name has a comma, "\"a, b\", c": as the server writes and reads them.
  const parsed = (text) => [...text.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)]
    .map(([, quoted, bare]) => (quoted !== undefined ? quoted.replaceAll('""', '"') : bare).trim()).filter(Boolean);
  const written = (names) => names.map((name) => (/[",]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join(", ");

  function tags(input) {
    const chosen = parsed(input.value);
    const select = el("select", { multiple: "", id: `${input.id}_chosen` });
    for (const name of new Set([...chosen, ...JSON.parse(input.dataset.tags)])) {
      select.append(new Option(name, name, false, chosen.includes(name)));
    }
    input.after(select);
    input.hidden = true;
    const box = new TomSelect(select, {
      create: (text) => ({ value: text.trim(), text: text.trim() }),
      createOnBlur: true, clearAfterSelect: true, persist: false, selectOnTab: true, plugins: ["remove_button"], refreshThrottle: 0,
      createFilter: (text) => Boolean(text.trim()) && text.trim().length <= 60,
      render: { option_create: (data, escape) => `<div class="create">Add “${escape(data.input)}”</div>` },
      onChange: () => {
        input.value = written(box.items);
        input.dispatchEvent(new Event("change", { bubbles: true }));
      },
    });
    // A comma ends a tag, as it does in the plain text box.
    box.control_input.addEventListener("keydown", (event) => {
      const text = box.control_input.value.trim();
      if (event.key === "," && text && !text.startsWith('"')) {
        event.preventDefault();
        box.createItem(text);
        box.setTextboxValue("");
      }
    });
    const label = document.querySelector(`label[for="${input.id}"]`);
    if (label) label.htmlFor = box.control_input.id;
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (input.hasAttribute(name)) box.control_input.setAttribute(name, input.getAttribute(name));
    }
  }

  // A sale: the stage proposes the win %, the status says what else is asked for.
  function sale(form) {
    const { stage, win_percent: win, status, own_win_percent: own } = form.elements;
    if (stage && win && own) {
      const proposed = JSON.parse(stage.dataset.win);
      let before = proposed[stage.value];
      win.addEventListener("input", () => { own.value = win.value ? "1" : ""; });
      stage.addEventListener("change", () => {
        const now = proposed[stage.value];
        if (now !== undefined && !own.value && (win.value === "" || Number(win.value) === (before ?? 0))) win.value = now;
        before = now;
      });
    }
    if (!status) return;
    const kinds = JSON.parse(status.dataset.kinds);
    const follow = () => {
      const kind = kinds[status.value];
      const show = (name, isShown) => {
        const control = form.elements[name];
        if (control && !control.hasAttribute("aria-invalid")) fieldOf(control).hidden = !isShown;
      };
      show("loss_reason", kind === "lost" || kind === "abandoned");
      show("expected_close", kind === "open" || kind === undefined);
    };
    status.addEventListener("change", follow);
    follow();
  }

  // Leaving with unsaved text asks first, and a double click saves once. A submission that was stopped, or
  // that found no server, leaves the page as it was: Save works again, and so does the question.
  const DOUBLE_CLICK_MS = 1000;

  function careful(form) {
    let isDirty = form.hasAttribute("data-dirty"), sentAt = -Infinity, isLeavingBySubmit = false;
    const touched = () => { isDirty = true; isLeavingBySubmit = false; };
    const stopped = () => { sentAt = -Infinity; };
    form.addEventListener("input", touched);
    form.addEventListener("change", touched);
    form.addEventListener("submit", (event) => {
      if (event.timeStamp - sentAt < DOUBLE_CLICK_MS) return event.preventDefault();
      sentAt = event.timeStamp;
      isLeavingBySubmit = true; // until its beforeunload, which follows
    });
    window.navigation?.addEventListener("navigateerror", stopped);
    addEventListener("pagehide", () => { isDirty = false; }); // back from the cache, the page is as it was saved
    addEventListener("pageshow", stopped);
    addEventListener("beforeunload", (event) => {
      if (isDirty && !isLeavingBySubmit) event.preventDefault();
      isLeavingBySubmit = false;
    });
    form.querySelector("[data-cancel]")?.addEventListener("click", () => { isDirty = false; });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        event.stopPropagation(); // before an open list takes it as its own
        form.requestSubmit(form.querySelector(".form-foot button"));
      }
    }, { capture: true });
  }

  function prepare(root) {
    for (const form of root.querySelectorAll("form[data-record-form]")) {
      if (form.dataset.ready) continue;
      form.dataset.ready = "1";
      form.querySelectorAll("input[data-combo]").forEach(combo);
      form.querySelectorAll("input[data-tags]").forEach(tags);
      sale(form);
      form.querySelectorAll("select[data-search]").forEach(searchable);
      careful(form);
    }
    root.querySelector("[data-errors]")?.focus();
  }

  // What a conflict answers is a page too.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 409) Object.assign(event.detail, { shouldSwap: true, isError: false });
  });
  document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
  prepare(document);
})();
