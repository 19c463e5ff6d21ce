// Buttons that copy what stands beside them. Without this script all of it can be read and marked.
"use strict";

{
  const { done, failed } = document.currentScript.dataset;
  const told = document.createElement("p");
  told.className = "unseen";
  told.setAttribute("role", "status");
  document.body.append(told);

  async function copy(text, button) {
    const label = button.textContent;
    let outcome = done;
    try {
      // Only where the page came in a way that the browser trusts: https, or from this machine.
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "unseen";
      document.body.append(field);
      field.select();
      outcome = document.execCommand("copy") ? done : failed;
      field.remove();
      button.focus();
    }
    told.textContent = button.textContent = outcome;
    setTimeout(() => { button.textContent = label; told.textContent = ""; }, 2000);
  }

  for (const button of document.querySelectorAll("button[data-copies]")) {
    const copied = button.parentElement.querySelector("[data-copied]");
    button.addEventListener("click", () => copy(copied.href ?? copied.textContent, button));
  }
}
