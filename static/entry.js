/* Asks the server anew which questions apply, once an answer that decides about others has changed.
   form[data-controls]   names of the deciding items; without this file the button "do-apply" does the same
   [data-items]          holds one [data-item] each; [data-says] changes with the warnings inside
*/
(function () {
  "use strict";
  const form = document.querySelector("form[data-controls]");
  if (!form) return;
  const controls = form.dataset.controls.split(" ");
  const button = form.querySelector("[name=do-apply]");
  const here = form.querySelector("[data-items]");
  let asked = 0;
  button.hidden = true;

  const part = (root, name) => root.querySelector(`:scope > [data-item="${CSS.escape(name)}"]`);
  const holds = (element) => [...element.querySelectorAll("input, select, textarea")].some((control) =>
    (control.type === "radio" || control.type === "checkbox" ? control.checked : control.value.trim()));

  function merge(fresh) {
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
