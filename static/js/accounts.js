// Accounts and workspaces: what the browser knows is proposed, links are copied, passkeys asked for.
(() => {
  const field = (name) => document.querySelector(`[name="${name}"]`);

  // A new workspace: its address follows its name, its time zone the browser's, until they are set by hand.
  const [name, slug, zone] = ["name", "slug", "time_zone"].map(field);
  if (name && slug) {
    const made = (text) =>
      text.normalize("NFKD").toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/[-\s]+/g, "-").slice(0, 36);
    let proposed = slug.value;
    name.addEventListener("input", () => {
      if (slug.value === proposed) slug.value = proposed = made(name.value);
    });
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    // Browsers know some zones by older names: Asia/Calcutta is Asia/Kolkata.
    const nameHere = (timeZone) => {
      try {
        return new Intl.DateTimeFormat(undefined, { timeZone }).resolvedOptions().timeZone;
      } catch {
        return ""; // newer than the browser
      }
    };
    const values = zone ? [...zone.options].map((option) => option.value) : [];
    const fitting = values.includes(here) ? here : values.find((value) => value && nameHere(value) === here);
    if (zone?.value === "UTC" && fitting) zone.value = fitting;
  }

  socius.reveal(document.querySelector(".subtabs [aria-current]"));

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) break;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.previousElementSibling.value);
      button.textContent = "Copied";
    });
  }

  // Passkeys need scripts and a browser that knows them; without, the buttons are not there.
  const passkey = document.querySelector("[data-passkey]");
  if (passkey && window.PublicKeyCredential) passkey.hidden = false;
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    const problem = document.createElement("p");
    problem.className = "notice notice-error";
    problem.textContent =
      event.detail.exception.name === "NotAllowedError"
        ? "The passkey wasn’t used: it was canceled or took too long."
        : "This passkey can’t be used here. Passkeys need HTTPS, or localhost.";
    document.getElementById("messages").replaceChildren(problem);
  });
})();
