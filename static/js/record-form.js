// What makes forms smoother. Each of them works without: names are typed, the server finds what is meant.
(() => {
  const { el, fold, isComposing, lookup, select, standIn, suggest, tokens } = window.socius.combobox;
  const fieldOf = (control) => control.closest(".field");

  // Tags: "a, b" and, where a name has a separator, "\"a, b\", c", as the server writes and reads them (crud/parsing/name_lists.py).
  const SEPARATORS = ",，、;；\r\n";
  const LONGEST_TAG = 60;
  const CURLY = "“”„‟«»＂";
  const QUOTED = `"((?:[^"]|"")*)"\\s*|[${CURLY}]([^${CURLY}]*)[${CURLY}]\\s*`;
  const FINISHED = new RegExp(`\\s*(?:${QUOTED}|((?!\\s*["${CURLY}])[^${SEPARATORS}]*))[${SEPARATORS}]`, "gy");
  const ANY = new RegExp(`\\s*(?:${QUOTED}|([^${SEPARATORS}]*))[${SEPARATORS}]`, "gy");
  const NEEDS_QUOTES = new RegExp(`["${CURLY}${SEPARATORS}]`);

  // The names in a text that end with a separator, and the rest, which may still be typed on.
  function parseTags(text, pattern) {
    const names = [];
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      names.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? match[3]).split(/\s+/).filter(Boolean).join(" "));
      end = match.index + match[0].length;
    }
    return { names: names.filter(Boolean), rest: text.slice(end) };
  }
  const parseAllTags = (text) => parseTags(`${text},`, ANY).names;
  const formatTags = (names) => names.map((name) => (NEEDS_QUOTES.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join(", ");

  // The box of tags. What is in it and not yet a token is part of the control's value as well: nothing typed gets lost.
  function tags(control) {
    const known = JSON.parse(control.dataset.tags);
    const { box, complain } = standIn(control);
    const names = [];
    const store = () => {
      const value = formatTags([...names, ...parseAllTags(box.value)]);
      if (value === control.value) return;
      control.value = value;
      control.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const parts = tokens(box, () => names, (index) => {
      suggestions.announce(`Removed ${names.splice(index, 1)}`);
      parts.render();
      store();
    });
    // Accents and marks keep tags apart, case does not.
    const has = (name) => names.some((other) => other.toLowerCase() === name.toLowerCase());
    const add = (list) => {
      const tooLong = list.filter((name) => [...name].length > LONGEST_TAG);
      const fresh = list.filter((name) => !tooLong.includes(name));
      for (const name of fresh) if (!has(name)) names.push(name);
      if (fresh.length) parts.render();
      const [first] = tooLong;
      complain(first ? `“${first.slice(0, 20)}…” is too long. Tags can have at most ${LONGEST_TAG} characters.` : "");
      return formatTags(tooLong);
    };
    // Turns what was finished by a separator into tokens, or all of it.
    const take = (isAll) => {
      const { names: finished, rest } = isAll ? { names: parseAllTags(box.value), rest: "" } : parseTags(box.value, FINISHED);
      if (isAll || finished.length || rest !== box.value) {
        const refused = add(finished);
        box.value = refused && rest ? `${refused}, ${rest}` : refused || rest.trimStart();
      } else complain("");
      store();
    };
    const suggestions = suggest(box, {
      anchor: parts.frame,
      find: (text) => known.filter((name) => !has(name) && fold(name).includes(fold(text))).map((text) => ({ text })),
      choose: ({ text }) => {
        box.value = "";
        add([text]);
        store();
      },
      accept: () => {
        if (!box.value.trim()) return false;
        take(true);
        return true;
      },
    });
    // One-line boxes turn the line breaks of what is pasted or dictated into blanks: here each ends a tag.
    box.addEventListener("beforeinput", (event) => {
      const text = event.data ?? event.dataTransfer?.getData("text/plain");
      if (event.isComposing || !text || !/[\r\n]/.test(text)) return;
      event.preventDefault();
      insert(text);
    });
    for (const [name, source] of [["paste", "clipboardData"], ["drop", "dataTransfer"]]) {
      box.addEventListener(name, (event) => {
        const text = event[source].getData("text/plain");
        if (!/[\r\n]/.test(text)) return;
        event.preventDefault();
        insert(text);
      });
    }
    const insert = (text) => {
      box.focus();
      box.setRangeText(text.replace(/[\r\n]+/g, ","), box.selectionStart, box.selectionEnd, "end");
      box.dispatchEvent(new InputEvent("input", { bubbles: true }));
    };
    box.addEventListener("input", (event) => {
      if (event.isComposing) store();
      else take(false);
    });
    box.addEventListener("compositionend", () => take(false));
    box.addEventListener("click", suggestions.open);
    box.addEventListener("blur", () => take(true));
    control.form.addEventListener("submit", store, { capture: true });
    box.value = add(parseAllTags(control.value));
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
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !isComposing(event)) {
        event.preventDefault();
        event.stopPropagation(); // before an open list takes it as its own
        form.requestSubmit(form.querySelector(".form-foot button"));
      }
    }, { capture: true });
  }

  function prepare(root) {
    root.querySelectorAll("select[data-search]:not([hidden])").forEach(select);
    for (const form of root.querySelectorAll("form[data-record-form]")) {
      if (form.dataset.ready) continue;
      form.dataset.ready = "1";
      form.querySelectorAll("input[data-combo]").forEach(lookup);
      form.querySelectorAll("input[data-tags]").forEach(tags);
      sale(form);
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
