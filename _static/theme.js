// What the theme does not do itself: draws the formulas, and lets the keyboard into whatever has to be scrolled.

const AHEAD = "2000px"; // how far from the window a formula is drawn: before it is seen, and not a whole chapter at once
const SLICE = 8; // milliseconds that formulas are drawn before the page answers its reader

const scrollers = new ResizeObserver((entries) => entries.forEach(({ target }) => letKeysScroll(target)));

/** Makes a place that scrolls sideways a stop for the Tab key as long as it does scroll. */
function letKeysScroll(place) {
  if (place.scrollWidth > place.clientWidth + 1) place.tabIndex = 0;
  else place.removeAttribute("tabindex");
}

/** Watches a place that may have to scroll, from now on, as the window and the text size change. */
function watch(place) {
  scrollers.unobserve(place); // what is in it may be new, and its own size the same
  scrollers.observe(place);
}

/** Draws one formula in place of its TeX; text that KaTeX cannot read stays, in red. */
function drawFormula(element) {
  const tex = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE);
  const source = tex.map((node) => node.data).join("").trim().replace(/^\\[([]|\\[)\]]$/g, "");
  const drawn = document.createElement("span");
  katex.render(source, drawn, { displayMode: element.tagName === "DIV", throwOnError: false });
  tex.forEach((node) => node.remove());
  element.append(drawn);
  if (element.tagName === "DIV") watch(element);
}

const queue = []; // formulas that are to be drawn next

/** Draws formulas of the queue until the time is over, and the others as soon as the page has answered its reader. */
function drawSome(milliseconds) {
  const end = performance.now() + milliseconds;
  while (queue.length && performance.now() < end) drawFormula(queue.shift());
  if (queue.length) setTimeout(drawSome, 0, SLICE);
}

/** Draws each formula as the window comes near it, and all of them before the page is printed. */
function startFormulas() {
  const waiting = new Set(document.querySelectorAll(".math.notranslate"));
  const take = (elements) => queue.push(...elements.filter((element) => waiting.delete(element)));
  const observer = new IntersectionObserver(
    (entries) => {
      take(entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target));
      drawSome(SLICE);
    },
    { rootMargin: `${AHEAD} 0px` },
  );
  waiting.forEach((element) => observer.observe(element));
  window.addEventListener("beforeprint", () => {
    take([...waiting]);
    drawSome(Infinity);
  });
}

/** Watches every place of the page that may have to scroll. */
function watchAll() {
  const places = ".bd-article :is(pre, div.math, .pst-scrollable-table-container, .cell_output .output)";
  document.querySelectorAll(places).forEach(watch);
}

const script = document.querySelector("script[src*='katex.min.js']"); // only on pages with formulas
if (window.katex) startFormulas();
else script?.addEventListener("load", startFormulas);
(window.requestIdleCallback || setTimeout)(watchAll);
window.addEventListener("beforeprint", () => document.querySelectorAll("article details").forEach((part) => (part.open = true)));
document.fonts.addEventListener("loadingdone", watchAll); // a formula is wider in its own letters, its place is not
