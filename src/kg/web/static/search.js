// Completes what is typed into a search field: an editable combobox with a list (WAI-ARIA Authoring Practices).
// Without this script the form works as it is. What is offered comes from the form's data-suggest, in the format of
// OpenSearch suggestions: [text, names, descriptions, addresses].
"use strict";

const PAUSE = 120; // milliseconds without a key before it is asked

function element(name, attributes = {}, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

// An address of this site as this page reaches it, whatever a proxy has made of the scheme.
function reached(address) {
  const url = new URL(address, location.href);
  if (!/^https?:$/.test(url.protocol)) return null;
  return url.host === location.host ? url.pathname + url.search + url.hash : url.href;
}

function combobox(form, input, number) {
  const list = element("ul", { role: "listbox", id: `suggestions-${number}`, "aria-label": form.dataset.label, class: "suggestions" });
  const told = element("p", { role: "status", class: "unseen" });
  const known = new Map();
  let options = [], active = -1, timer = 0, asking = null;

  list.hidden = true;
  form.classList.add("completes");
  input.after(list, told);
  for (const [key, value] of Object.entries({
    role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(key, value);

  function choose(index) {
    if (active >= 0 && options[active]) options[active].element.setAttribute("aria-selected", "false");
    active = index;
    if (active < 0) return input.removeAttribute("aria-activedescendant");
    const option = options[active].element;
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  function show(open) {
    list.hidden = !open || !options.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (list.hidden) choose(-1);
  }

  function close() {
    clearTimeout(timer);
    if (asking) asking.abort();
    show(false);
    told.textContent = "";
  }

  function go(index) {
    const { name, address } = options[index];
    input.value = name;
    close();
    location.assign(address);
  }

  function fill([, names = [], descriptions = [], addresses = []]) {
    choose(-1);
    options = names
      .map((name, i) => ({ name, description: descriptions[i] || "", address: addresses[i] ? reached(addresses[i]) : null }))
      .filter(option => option.address !== null);
    list.replaceChildren(...options.map((option, i) => {
      option.element = element("li", { role: "option", id: `${list.id}-${i}`, "aria-selected": "false" });
      option.element.append(element("b", {}, option.name));
      if (option.description) option.element.append(" ", element("small", {}, option.description));
      // The field keeps the focus; a press that is let go elsewhere does nothing.
      option.element.addEventListener("pointerdown", event => event.preventDefault());
      option.element.addEventListener("click", () => go(i));
      return option.element;
    }));
    show(document.activeElement === input);
    const { none, one, many } = form.dataset;
    told.textContent = options.length > 1 ? many.replace("{}", options.length) : options.length ? one : none;
  }

  async function suggest() {
    const text = input.value.trim();
    if (asking) asking.abort();
    // One letter of the Latin script begins too many names to choose from.
    if (text.length < 2 && !/[^\x00-\x7f]/.test(text)) { options = []; return close(); }
    const asked = new URLSearchParams(new FormData(form));
    const query = asked.has("lang") ? `${asked}` : `lang=${document.documentElement.lang}&${asked}`;
    if (!known.has(query)) {
      const mine = asking = new AbortController();
      try {
        const reply = await fetch(`${form.dataset.suggest}?${query}`, { signal: mine.signal });
        if (!reply.ok) return close();
        known.set(query, await reply.json());
      } catch {
        return; // the next key was quicker, or the site is not there: the form goes on working
      }
      if (mine.signal.aborted) return;
    }
    fill(known.get(query));
  }

  input.addEventListener("input", event => {
    if (event.isComposing) return;
    clearTimeout(timer);
    timer = setTimeout(suggest, PAUSE);
  });
  input.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(suggest, PAUSE); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", event => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const open = !list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) {
        if (event.key === "ArrowDown" || !event.altKey) suggest().then(() => {
          if (!list.hidden && !event.altKey) choose(event.key === "ArrowDown" ? 0 : options.length - 1);
        });
      } else if (event.altKey) {
        if (event.key === "ArrowUp") close();
      } else {
        // From the last to the field itself, and from there to the first.
        const places = options.length + 1, step = event.key === "ArrowDown" ? 1 : -1;
        choose((active + 1 + step + places) % places - 1);
      }
    } else if (event.key === "Escape" && open) {
      event.preventDefault(); // the text stays; a second Escape clears it
      close();
    } else if (event.key === "Enter" && open && active >= 0) {
      event.preventDefault();
      go(active);
    }
  });
}

document.querySelectorAll("form[data-suggest]").forEach((form, number) => {
  const input = form.querySelector('input[type="search"]');
  if (input) combobox(form, input, number);
});
