/* The page of a form, made quicker; every part works without this file.
   [data-items]          holds one [data-item] each; [data-says] changes with the warnings inside
   [data-changed]           the answer differs from the one that is stored: what stood before stays visible
   form[data-controls]   names of the items that decide which others apply: once one of them changes, the server
                         is asked anew, as the button "do-apply" does
*/
(function () {
  "use strict";
  const here = document.querySelector("form [data-items]");
  if (!here) return;
  const form = here.closest("form");
  const controls = (form.dataset.controls || "").split(" ");
  const button = form.querySelector("[name=do-apply]");
  const before = (root, hide) => root.querySelectorAll("del").forEach((old) => { old.parentElement.hidden = hide; });
  const quieten = (root) => root.querySelectorAll("[data-item]:not([data-changed])").forEach((each) => before(each, true));
  let asked = 0;
  if (button) button.hidden = true;
  quieten(form);
  form.addEventListener("input", (event) => {
    const item = event.target.closest("[data-item]");
    if (item) before(item, false);
  });

  const part = (root, name) => root.querySelector(`:scope > [data-item="${CSS.escape(name)}"]`);
  const holds = (element) => [...element.querySelectorAll("input, select, textarea")].some((control) =>
    (control.type === "radio" || control.type === "checkbox" ? control.checked : control.value.trim()));

  function merge(fresh) {
    quieten(fresh);
    // A parsed page knows of no scripts: what stands in for them would come along as live fields.
    fresh.querySelectorAll("noscript").forEach((each) => each.remove());
    const wanted = new Set([...fresh.children].map((each) => each.dataset.item));
    [...here.children].forEach((each) => { if (!wanted.has(each.dataset.item) && !holds(each)) each.remove(); });
    let after = null;
    [...fresh.children].forEach((each) => {
      let stands = part(here, each.dataset.item);
      if (!stands) here.insertBefore(each, after ? after.nextSibling : here.firstChild);
      else if (stands.dataset.says !== each.dataset.says && !stands.contains(document.activeElement)) stands.replaceWith(each);
      else each = stands;
      after = each;
    });
  }

  form.addEventListener("change", async (event) => {
    if (!controls.includes((event.target.name || "").split("-")[0])) return;
    const mine = ++asked;
    const body = new FormData(form);
    body.set("do-apply", "1");
    try {
      const answer = await fetch(form.action, { method: "POST", body });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine === asked) merge(page.querySelector("[data-items]"));
    } catch {
      button.hidden = false;
    }
  });
}());
