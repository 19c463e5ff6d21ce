// What the forms for queries can do beyond sending: Ctrl-Enter, addresses without CR, and examples put into the
// field. Without this script all of it can be read, marked and sent.
"use strict";

{
  const forms = document.querySelectorAll("form.query");
  // The words of the page's language; {} stands for what is filled in.
  const says = JSON.parse(forms[0].dataset.says);
  const made = (text, run) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = text;
    button.addEventListener("click", () => run(button));
    return button;
  };

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
    const button = made(says.put, () => {
      const field = forms[0].elements.query;
      field.value = code.textContent;
      // The editor, where there is one, follows the field.
      if (field.dispatchEvent(new Event("replaced", { cancelable: true }))) field.focus();
      forms[0].scrollIntoView();
    });
    button.setAttribute("aria-label", says.putThis.replace("{}", () => code.dataset.example));
    code.parentElement.after(button);
  }
}
