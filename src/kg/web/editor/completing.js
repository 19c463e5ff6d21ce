// What can be written where the cursor is: prefixes, classes, properties and keywords of this graph and of SPARQL, and
// things by their names.
import { syntaxTree } from "@codemirror/language";

const KEYWORDS = (
  "SELECT DISTINCT REDUCED CONSTRUCT DESCRIBE ASK WHERE FROM NAMED GRAPH OPTIONAL UNION MINUS FILTER BIND VALUES UNDEF SERVICE " +
  "EXISTS PREFIX BASE LIMIT OFFSET HAVING COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT STR LANG LANGMATCHES DATATYPE BOUND IRI " +
  "CONCAT STRLEN UCASE LCASE CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER YEAR MONTH DAY NOW COALESCE IF REGEX REPLACE " +
  "SUBSTR ISIRI ISBLANK ISLITERAL ISNUMERIC ABS CEIL FLOOR ROUND"
).split(" ");
const PHRASES = ["GROUP BY", "ORDER BY", "NOT EXISTS", "DESC(", "ASC("];
const SHORTEST_NAME = 3;

const escaped = text => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a query has a line for a prefix. */
export function declares(query, prefix) {
  return new RegExp(`(^|\\s)PREFIX\\s+${escaped(prefix)}:\\s*<`, "i").test(query);
}

/** Writes a term, and a PREFIX line at the top if the query has none for it. */
function writes(term, prefixes) {
  return (view, _, from, to) => {
    const prefix = /^([\w-]+):/.exec(term)?.[1];
    const changes = [{ from, to, insert: term }];
    let added = "";
    if (prefix && prefixes[prefix] && !declares(view.state.doc.toString(), prefix)) {
      added = `PREFIX ${prefix}: <${prefixes[prefix]}>\n`;
      changes.unshift({ from: 0, insert: added });
    }
    view.dispatch({ changes, selection: { anchor: from + added.length + term.length }, userEvent: "input.complete" });
  };
}

function described(suggestion, says) {
  const times = suggestion.uses.toLocaleString(document.documentElement.lang);
  const uses = suggestion.uses ? says.uses.replace("{}", times) : says.unused;
  return [suggestion.label, suggestion.note, suggestion.iri, uses].filter(Boolean).join("\n");
}

function* ofTerms(list, kind, prefixes, says) {
  for (const suggestion of list) {
    const common = {
      type: kind,
      iri: suggestion.iri,
      info: () => Object.assign(document.createElement("div"), { textContent: described(suggestion, says), className: "info" }),
      apply: writes(suggestion.term, prefixes),
      boost: Math.min(20, Math.log2(1 + suggestion.uses)),
    };
    yield { ...common, label: suggestion.term, detail: suggestion.label, written: true };
    // What has no name is found by its term alone.
    yield { ...common, label: suggestion.label || suggestion.term, detail: suggestion.label ? suggestion.term : "" };
  }
}

const within = (context, names) => {
  const node = syntaxTree(context.state).resolveInner(context.pos, -1);
  return names.includes(node.name);
};

async function fetched(address) {
  const reply = await fetch(address);
  if (!reply.ok) throw new Error(`${address}: ${reply.status}`);
  return reply.json();
}

/** The sources of completions for a form, which says where they are to be had; ``says`` are the words of its page. */
export function sources(form, says) {
  let asked = null;
  const vocabulary = () => (asked ??= fetched(form.dataset.completion).then(told => ({
    prefixes: told.prefixes,
    terms: [...ofTerms(told.classes, "class", told.prefixes, says), ...ofTerms(told.properties, "property", told.prefixes, says)],
  })).catch(() => { asked = null; return { prefixes: {}, terms: [] }; }));

  async function words(context) {
    if (within(context, ["Comment", "String"])) return null;
    const variable = context.matchBefore(/[?$]\w*/);
    if (variable) {
      const names = new Set(context.state.doc.toString().match(/[?$]\w+/g) ?? []);
      names.delete(variable.text);
      return { from: variable.from, options: [...names].map(label => ({ label, type: "variable" })), validFor: /^[?$]\w*$/ };
    }
    const word = context.matchBefore(/[\w-]*:?[\w.-]*/);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    const { prefixes, terms } = await vocabulary();
    if (word.text.includes(":")) {
      return { from: word.from, options: terms.filter(option => option.written), validFor: /^[\w-]*:[\w.-]*$/ };
    }
    const options = [
      ...terms.filter(option => !option.written),
      ...Object.entries(prefixes).map(([prefix, namespace]) => ({
        label: `${prefix}:`, detail: namespace, type: "namespace", apply: writes(`${prefix}:`, prefixes),
      })),
      ...[...KEYWORDS, ...PHRASES].map(label => ({ label, type: "keyword" })),
    ];
    return { from: word.from, options, validFor: /^[\w-]*$/ };
  }

  async function things(context) {
    if (!form.dataset.things || within(context, ["Comment", "String"])) return null;
    const word = context.matchBefore(/[\p{L}\p{N}]+/u);
    if (!word || word.text.length < SHORTEST_NAME) return null;
    if (/[?$:<@]/.test(context.state.sliceDoc(Math.max(0, word.from - 1), word.from))) return null;
    const stopped = new AbortController();
    context.addEventListener("abort", () => stopped.abort(), { onDocChange: true });
    try {
      const [reply, { prefixes, terms }] = await Promise.all([
        fetch(`${form.dataset.things}?${new URLSearchParams({ q: word.text })}`, { signal: stopped.signal }),
        vocabulary(),
      ]);
      if (!reply.ok) return null; // an old release has no names to search
      const known = new Set(terms.map(term => term.iri));
      // The site has found them, in any spelling; so that they stand where they belong, they match what was typed.
      const options = (await reply.json()).things.filter(thing => !known.has(thing.iri)).map(thing => ({
        label: word.text, displayLabel: thing.label, detail: [thing.term, thing.note].filter(Boolean).join(" – "),
        type: "thing", section: says.things, apply: writes(thing.term, prefixes),
      }));
      return { from: word.from, options };
    } catch {
      return null;
    }
  }

  return [words, things];
}
