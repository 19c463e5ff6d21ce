// Buttons that copy what stands beside them. Without this script all of it can be read and marked.
"use strict";

{
  // The words of the page's language; {} stands for what is filled in.
  const says = JSON.parse(document.querySelector("[data-copying]").dataset.copying);
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
    let outcome = says.copied;
    try {
      // Only where the page came in a way that the browser trusts: https, or from this machine.
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "unseen";
      document.body.append(field);
      field.select();
      outcome = document.execCommand("copy") ? says.copied : says.notCopied;
      field.remove();
      button.focus();
    }
    told.textContent = button.textContent = outcome;
    setTimeout(() => { button.textContent = label; told.textContent = ""; }, 2000);
  }

  for (const code of document.querySelectorAll("[data-copy]")) {
    const button = made(says.copy, pressed => copy(code.textContent, pressed));
    button.setAttribute("aria-label", says.copyThis.replace("{}", () => code.dataset.copy));
    code.parentElement.before(button);
  }
  for (const link of document.querySelectorAll("a[data-copy-address]")) {
    const button = made(says.copyAddress, pressed => copy(link.href, pressed));
    button.setAttribute("aria-label", says.copyThisAddress.replace("{}", () => link.textContent));
    link.after(" ", button);
  }
}
