// What the search puts first: the chapter that is about the query, then other chapters, the glossary last. Sphinx reads the
// object `Scorer` before its own search; `search.py` puts the places in front of this text.
const plain = (text) => text.toLowerCase().replace(/[-–]/g, " ").replace(/[“”"`$*]/g, "").trim();

// The chapter about a query, by the first of these that there is: a title with the whole query, or with all of its words; a
// heading that begins with it; the chapter in which it is bold first; a title with its last word; a heading that has it.
const chapterAbout = (query) => {
  const has = (text, words) => ` ${text}`.includes(` ${words}`);
  const first = (texts, fits) => (texts.filter(([, text]) => fits(text)).sort((a, b) => a[1].length - b[1].length)[0] || [])[0];
  const about = (form) => {
    const words = form.split(" ");
    return (
      first(PLACES.titles, (text) => has(text, form)) ||
      first(PLACES.titles, (text) => words.every((word) => has(text, word))) ||
      first(PLACES.headings, (text) => text.replace(/^(the|an|a) /, "").startsWith(form)) ||
      PLACES.terms[form] ||
      first(PLACES.titles, (text) => has(text, words[words.length - 1])) ||
      first(PLACES.headings, (text) => has(text, form))
    );
  };
  return query.length > 2 ? about(query) || about(query.replace(/s$/, "")) : undefined;
};

const ABOUT = chapterAbout(plain(new URLSearchParams(window.location.search).get("q") || ""));

var Scorer = {
  score: ([docname, , anchor, descr, score]) => {
    if (docname === ABOUT) return 1000 + score + (anchor === "" ? 100 : 0);
    if (docname.startsWith("chapters/")) return 100 + score;
    return descr === null ? score : score - 100; // with a description: an entry of the glossary
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
