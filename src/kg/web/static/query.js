// What the forms for queries can do beyond sending: Ctrl-Enter, addresses without CR, and examples put into the
// field. Without this script all of it can be read, marked and sent.
"use strict";

{
  const forms = document.querySelectorAll("form.query");
  for (const form of forms) {
    const field = form.elements.query;
    field.addEventListener("keydown", event => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    if (form.getAttribute("method") !== "get") continue;
    // As a form the lines would be sent with CR LF, which makes another address of the same query.
    form.addEventListener("submit", event => {
      event.preventDefault();
      location.assign(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`);
    });
  }

  for (const button of document.querySelectorAll("button[data-puts]")) {
    const code = button.closest("details").querySelector("code");
    button.addEventListener("click", () => {
      const field = forms[0].elements.query;
      field.value = code.textContent;
      // The editor, where there is one, follows the field.
      if (field.dispatchEvent(new Event("replaced", { cancelable: true }))) field.focus();
      forms[0].scrollIntoView();
    });
  }
}
