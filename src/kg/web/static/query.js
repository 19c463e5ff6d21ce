// What the forms for queries can do beyond sending: Ctrl-Enter, addresses without CR, examples put into the field, and
// copying. Without this script all of it can be read, marked and sent.
"use strict";

{
  const made = (text, run) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = text;
    button.addEventListener("click", () => run(button));
    return button;
  };

  const told = document.createElement("p");
  told.className = "unseen";
  told.setAttribute("role", "status");
  document.body.append(told);

  async function copy(text, button) {
    const label = button.textContent;
    let says = "Copied";
    try {
      // Only where the page came in a way that the browser trusts: https, or from this machine.
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "unseen";
      document.body.append(field);
      field.select();
      says = document.execCommand("copy") ? "Copied" : "Not copied: mark the text instead";
      field.remove();
      button.focus();
    }
    told.textContent = button.textContent = says;
    setTimeout(() => { button.textContent = label; told.textContent = ""; }, 2000);
  }

  for (const code of document.querySelectorAll("code[data-copy]")) {
    const button = made("Copy", pressed => copy(code.textContent, pressed));
    button.setAttribute("aria-label", `Copy: ${code.dataset.copy}`);
    code.parentElement.before(button);
  }
  for (const link of document.querySelectorAll("a[data-copy-address]")) {
    const button = made("Copy address", pressed => copy(link.href, pressed));
    button.setAttribute("aria-label", `Copy the address: ${link.textContent}`);
    link.after(" ", button);
  }

  const forms = document.querySelectorAll("form.query");
  for (const form of forms) {
    const field = form.elements.query;
    form.querySelector(".keys").hidden = false;
    field.addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    // As a form the lines would be sent with CR LF, which makes another address of the same query.
    form.addEventListener("submit", event => {
      event.preventDefault();
      location.assign(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`);
    });
  }

  for (const code of document.querySelectorAll("code[data-example]")) {
    const button = made("Put into the field above", () => {
      const field = forms[0].elements.query;
      field.value = code.textContent;
      // The editor, where there is one, follows the field.
      if (field.dispatchEvent(new Event("replaced", { cancelable: true }))) field.focus();
      forms[0].scrollIntoView();
    });
    button.setAttribute("aria-label", `Put into the field above: ${code.dataset.example}`);
    code.parentElement.after(button);
  }
}
