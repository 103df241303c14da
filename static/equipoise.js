/* Progressive enhancement of forms and tables: every page works without it.
   form[data-guard]        warns before unsaved values are left, Enter moves on, Ctrl+S saves
   [data-save-default]     the button Ctrl+S presses (else the form's first submit button)
   [data-save-status]      says data-unsaved once a value has changed
   [data-choices]          radios: keys 1-9 choose, 0, Backspace or Delete clear; [data-clear] is the button
   [data-show-item]        shown while the control of that name has one of data-show-values (split at "|")
   [data-print]            opens the print dialogue
   form[data-once]         sent once: a second click does nothing until the page is shown again
   [id][data-refresh]      fetched again after so many seconds and replaced, until it no longer says data-refresh
*/
(function () {
  "use strict";
  const CONTROLS = "input:not([type=hidden]):not(:disabled), select:not(:disabled), textarea:not(:disabled), button[type=submit]";
  const dirty = new Set();
  const each = (selector, act, root) => (root || document).querySelectorAll(selector).forEach(act);
  const visible = (element) => element.getClientRects().length > 0;

  function changed(form) {
    if (!form || !form.matches("[data-guard]")) return;
    dirty.add(form);
    each("[data-save-status]", (status) => { status.textContent = status.dataset.unsaved; }, form);
  }

  function offerClear(group) {
    const button = group.querySelector("[data-clear]");
    if (button) button.hidden = !group.querySelector("input:checked");
  }

  function clear(group) {
    const chosen = group.querySelector("input:checked");
    if (!chosen) return;
    chosen.checked = false;
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
    group.querySelector("input").focus();
  }

  function valuesOf(form, name) {
    return new FormData(form).getAll(name);
  }

  function applySkips(form) {
    each("[data-show-item]", (field) => {
      const wanted = field.dataset.showValues.split("|");
      field.hidden = !valuesOf(form, field.dataset.showItem).some((value) => wanted.includes(value));
    }, form);
  }

  function chooseByKey(event, group) {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    if (["0", "Backspace", "Delete"].includes(event.key)) { clear(group); return true; }
    if (!/^[1-9]$/.test(event.key)) return false;
    const radio = group.querySelectorAll("input[type=radio]")[Number(event.key) - 1];
    if (radio) { radio.focus(); radio.click(); }
    return Boolean(radio);
  }

  function moveOn(from) {
    const controls = [...from.form.querySelectorAll(CONTROLS)].filter((control) => visible(control)
      && (control === from || control.type !== "radio" || control.name !== from.name));
    const next = controls[controls.indexOf(from) + 1];
    if (next) next.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const target = event.target;
    const form = target.form || document.querySelector("form[data-guard]");
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s" && form && form.matches("[data-guard]")) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("[data-save-default]") || undefined);
      return;
    }
    const group = target.type === "radio" && target.closest("[data-choices]");
    if (group && chooseByKey(event, group)) event.preventDefault();
    if (event.key === "Enter" && target.matches("[data-guard] input:not([type=file])")) {
      event.preventDefault();
      moveOn(target);
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-clear]");
    if (button) clear(button.closest("[data-choices]"));
    if (event.target.closest("[data-print]")) window.print();
    each("details[data-menu][open]", (menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  document.addEventListener("keyup", (event) => {
    if (event.key !== "Escape") return;
    each("details[data-menu][open]", (menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });

  document.addEventListener("input", (event) => changed(event.target.form));
  document.addEventListener("change", (event) => {
    const group = event.target.closest("[data-choices]");
    if (group) offerClear(group);
    changed(event.target.form);
    if (event.target.form) applySkips(event.target.form);
  });
  const buttonsOnce = (form, off) => [...form.elements].forEach((control) => { if (control.type === "submit") control.disabled = off; });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    dirty.delete(event.target);
    // After the form has been read: a disabled button would send nothing of its own.
    if (event.target.matches("[data-once]")) window.setTimeout(() => buttonsOnce(event.target, true));
  });
  window.addEventListener("pageshow", () => each("form[data-once]", (form) => buttonsOnce(form, false)));
  window.addEventListener("beforeunload", (event) => { if (dirty.size) event.preventDefault(); });

  each("[data-choices]", offerClear);
  each("form", applySkips);
  function nameCells(root) {
    each("table.eq-stack", (table) => {
      const labels = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
      each("tbody tr", (row) => [...row.cells].forEach((cell, column) => {
        cell.dataset.label = cell.colSpan > 1 ? "" : labels[column] || "";
      }), table);
    }, root);
  }

  function refresh(part) {
    window.setTimeout(async () => {
      let fresh = null;
      try {
        const answer = await fetch(window.location.href, { credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        fresh = answer.ok && page.getElementById(part.id);
      } catch { /* the link is down: ask again later */ }
      if (!fresh || part.contains(document.activeElement)) { refresh(part); return; }
      nameCells(fresh);
      part.replaceWith(fresh);
      if (fresh.dataset.refresh) refresh(fresh);
    }, 1000 * Number(part.dataset.refresh));
  }

  nameCells(document);
  each("[data-refresh]", refresh);
}());
