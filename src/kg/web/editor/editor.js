// Puts an editor in place of the field for a query. The field stays in the form, hidden, and has the same text at any
// time, so all that works with the plain form goes on working. The editor lives in a shadow root: there its styles are
// constructed sheets, which a policy that forbids inline styles allows.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { Decoration, drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";
import { sources } from "./completing.js";

const LOOKS = EditorView.theme({
  "&": { color: "var(--ink)", fontSize: ".9rem", height: "100%" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: 'ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace', lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { background: "var(--panel)", color: "var(--soft)", borderRight: "1px solid var(--line)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "color-mix(in srgb, var(--link) 30%, transparent)",
  },
  ".cm-wrong": { background: "var(--wrong)", color: "var(--paper)" },
  ".cm-wrong *": { color: "inherit" },
  "&.cm-focused .cm-matchingBracket": { background: "none", outline: "1px solid var(--soft)" },
  ".cm-tooltip": { background: "var(--paper)", color: "var(--ink)", border: "1px solid var(--soft)", maxWidth: "min(92vw, 44rem)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxWidth: "min(92vw, 44rem)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: ".25rem .5rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--link)", color: "var(--paper)" },
  ".cm-completionDetail": { opacity: ".85" },
  ".cm-tooltip.cm-completionInfo": { whiteSpace: "pre-line", padding: ".4rem .6rem", overflowWrap: "anywhere" },
});

const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--keyword)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: tags.variableName, color: "var(--link)" },
  { tag: tags.string, color: "var(--string)" },
  { tag: [tags.integer, tags.float, tags.bool], color: "var(--number)" },
  { tag: [tags.url, tags.annotation], color: "var(--soft)" },
]);

/** Where in a text line and column are, both from 1 on, columns in characters; null where there is no such line. */
export function position(doc, line, column) {
  if (!(line >= 1 && line <= doc.lines)) return null;
  const { from, to, text } = doc.line(line);
  const start = Math.min(to, from + [...text].slice(0, column - 1).join("").length);
  return { start, end: Math.min(to, start + ([...text][column - 1]?.length ?? 0)) };
}

/** What the browser is about to write over. The editor's own selection follows it a moment later. */
function replaced(view) {
  // Of a long text only a part is there to be selected by the browser; what the editor has selected goes first.
  if (!view.state.selection.main.empty) return view.state.selection.main;
  // Only Chromium has the selection of a shadow root, and only there it is needed: its events name no ranges inside.
  const selection = view.root.getSelection?.();
  const range = selection?.rangeCount ? selection.getRangeAt(0) : null;
  if (!range || !view.contentDOM.contains(range.startContainer) || !view.contentDOM.contains(range.endContainer)) {
    return view.state.selection.main;
  }
  return { from: view.posAtDOM(range.startContainer, range.startOffset), to: view.posAtDOM(range.endContainer, range.endOffset) };
}

/** Writes over what is selected. Left to the browser, that keeps the look of the old text with inline styles. */
function overwrites(event, view) {
  if (event.inputType !== "insertText" || event.data === null || view.composing) return false;
  const { from, to } = replaced(view);
  if (from === to) return false;
  event.preventDefault();
  const insert = () => view.state.update({
    changes: { from, to, insert: event.data }, selection: { anchor: from + event.data.length },
    userEvent: "input.type", scrollIntoView: true,
  });
  const handled = view.state.facet(EditorView.inputHandler).some(handler => handler(view, from, to, event.data, insert));
  if (!handled) view.dispatch(insert());
  return true;
}

function edits(form, field) {
  const host = document.createElement("div");
  host.className = "editor";
  const says = JSON.parse(form.dataset.says);
  const marks = new Compartment();

  const view = new EditorView({
    root: host.attachShadow({ mode: "open" }),
    parent: host.shadowRoot,
    state: EditorState.create({
      doc: field.value,
      extensions: [
        Prec.highest(keymap.of([
          { key: "Mod-Enter", run: () => { form.requestSubmit(); return true; } },
          // On a Mac too, because the page says so.
          { key: "Ctrl-Enter", run: () => { form.requestSubmit(); return true; } },
        ])),
        // Not closed with the first Escape that closes a list: that one is handled before.
        keymap.of([{ key: "Escape", run: editor => { editor.setTabFocusMode(true); return false; } }]),
        EditorView.domEventHandlers({ beforeinput: overwrites, blur: (_, editor) => { editor.setTabFocusMode(false); } }),
        lineNumbers(), highlightSpecialChars(), history(), drawSelection(), bracketMatching(), closeBrackets(),
        indentUnit.of("  "), EditorState.tabSize.of(2), EditorView.lineWrapping,
        sparql(), syntaxHighlighting(COLOURS), LOOKS,
        autocompletion({ override: sources(form, says), icons: false, maxRenderedOptions: 60 }),
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ "aria-label": says.editor, autocapitalize: "off", spellcheck: "false" }),
        marks.of([]),
        EditorView.updateListener.of(update => {
          if (!update.docChanged) return;
          field.value = update.state.doc.toString();
          view.setTabFocusMode(false); // who writes on, stays
          if (marks.get(view.state)?.length !== 0) setTimeout(() => view.dispatch({ effects: marks.reconfigure([]) }));
        }),
      ],
    }),
  });

  field.addEventListener("replaced", event => {
    event.preventDefault();
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: field.value }, selection: { anchor: 0 } });
    view.focus();
  });
  form.querySelector(`label[for="${field.id}"]`)?.addEventListener("click", () => view.focus());

  const wrong = position(view.state.doc, Number(field.dataset.line), Number(field.dataset.column));
  if (wrong) {
    const extensions = [EditorView.contentAttributes.of({ "aria-invalid": "true" })];
    if (wrong.end > wrong.start) {
      extensions.push(EditorView.decorations.of(Decoration.set(Decoration.mark({ class: "cm-wrong" }).range(wrong.start, wrong.end))));
    }
    view.dispatch({ effects: marks.reconfigure(extensions), selection: { anchor: wrong.start }, scrollIntoView: true });
  }

  const hadFocus = document.activeElement === field;
  host.style.height = `${field.offsetHeight}px`; // so that nothing on the page moves
  field.hidden = true;
  field.after(host);
  form.classList.add("edited");
  if (wrong || hadFocus) view.focus();
}

for (const form of document.querySelectorAll("form.query[data-completion]")) edits(form, form.elements.query);
