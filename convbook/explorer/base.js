// What the book's elements share: colours, maps of numbers that can be walked by keyboard, words, the page's theme.

import { abs, ceil, floor, max, min, round } from "./arithmetic.js";

const BASE_STYLE = `
conv-explorer, digit-network { display: block; container-type: inline-size; }
.ce { color-scheme: light dark; --ink: light-dark(#1d2125, #e8eaed); --paper: light-dark(#fff, #17191c);
  --soft: light-dark(#eceff3, #2b3036); --line: light-dark(#6b7480, #98a1ac); --glow: light-dark(#b45309, #fbbf24);
  background: var(--paper); color: var(--ink); border: 1px solid var(--line); border-radius: 6px; padding: 10px;
  font: 15px/1.4 system-ui, sans-serif; }
:is([data-theme=light], [theme=light], [data-jp-theme-light=true]) .ce { color-scheme: light; }
:is([data-theme=dark], [theme=dark], [data-jp-theme-light=false]) .ce { color-scheme: dark; }
.ce, .ce * { box-sizing: border-box; }
.ce-caption { font: 600 14px/20px system-ui, sans-serif; margin-bottom: 4px; overflow: hidden; white-space: nowrap;
  text-overflow: ellipsis; }
.ce-planes { display: grid; gap: 6px; align-content: start; grid-template-columns: repeat(var(--across), minmax(0, 1fr)); }
.ce-map { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); margin: auto; line-height: 1;
  width: min(100%, 100% * var(--columns) / var(--rows)); background: #808080; outline: 1px solid #808080; user-select: none; }
.ce-map > * { display: contents; }
.ce-map > * > * { aspect-ratio: 1; display: flex; align-items: center; justify-content: center; overflow: hidden; min-width: 0;
  border: .5px solid #80808066; cursor: pointer; }
.ce .ce-window { box-shadow: inset 0 0 0 1px #000, inset 0 0 0 2.5px #fbbf24; }
.ce .ce-current { box-shadow: inset 0 0 0 1px #fff, inset 0 0 0 4px #c2410c; }
.ce :is(button, select, textarea) { font: inherit; color: inherit; background: var(--soft); min-height: 30px; max-width: 100%;
  border: 1px solid var(--line); border-radius: 4px; padding: 2px 8px; margin: 0; }
.ce button[aria-pressed=true] { background: var(--ink); color: var(--paper); }
.ce :disabled { opacity: .6; }
.ce :focus-visible { outline: 3px solid var(--glow); outline-offset: 1px; z-index: 1; }
.ce-row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 8px 0; }
.ce .ce-says { margin: 8px 0 0; height: var(--says); overflow: auto; overflow-wrap: anywhere; }`;

/** Puts style rules into the page, once for each id. */
export function addStyle(id, rules) {
  if (!document.getElementById(id)) document.head.append(make("style", { id, textContent: rules }));
}

/** Puts the rules of all elements into the page. */
export const addBaseStyle = () => addStyle("ce-base", BASE_STYLE);

/** An HTML element with properties, attributes (`role` and names with "-") and children. */
export function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** What stands in the place of the static form; JupyterLab leaves the keys to it. */
export const live = (title, ...children) =>
  make("div", { className: "ce", role: "group", "aria-label": title, "data-lm-suppress-shortcuts": "true" }, ...children);

/** Makes the elements the children; where they are that already, nothing happens, and the focus stays. */
export function keep(parent, elements) {
  const same = parent.children.length === elements.length && elements.every((one, k) => one === parent.children[k]);
  if (!same) parent.replaceChildren(...elements);
}

/** The words of an element: English, those of the page's language, and its attribute `texts` (JSON). */
export const wordsFor = (element, texts) => ({
  ...texts.en,
  ...texts[element.closest("[lang]")?.lang.slice(0, 2)],
  ...JSON.parse(element.getAttribute("texts") ?? "{}"),
});

/** The text with each {name} replaced by its value. */
export const fill = (text, values = {}) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** A number with at most 4 significant digits, without what rounding errors leave of 0. */
export const rounded = (value) => Number(Number(value.toFixed(9)).toPrecision(4)) + 0;

/** A number as a person writes it: rounded, with a true minus sign. */
export const format = (value) => String(rounded(value)).replace("-", "−");

/** The stops of RdBu_r: blue (negative), white (0), red (positive). */
const SIGNED = [0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7, 0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f];

/** [red, green, blue] of a value between the limits: gray, or blue and red. */
function colourOf(value, { signed, limits: [lowest, highest] }) {
  const place = 10 * min(1, max(0, (value - lowest) / (highest - lowest)));
  const below = min(9, floor(place));
  const part = place - below;
  const mixed = (shift) => ((SIGNED[below] >> shift) & 255) * (1 - part) + ((SIGNED[below + 1] >> shift) & 255) * part;
  return [16, 8, 0].map((shift) => round(signed ? mixed(shift) : 25.5 * place));
}

/** Black or white, whichever contrasts more: at least 4.58 to 1 on every colour. */
function inkOn(colour) {
  const [red, green, blue] = colour.map((v) => (v < 11 ? v / 3294 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}

/** The colours of an array: gray from 0 to 1 (or to its largest value); symmetric about 0 if it is signed. */
export function coloursOf(array, signed = array.flat(3).some((value) => value < 0)) {
  const largest = max(...array.flat(3).map(abs));
  return signed ? { signed, limits: [-largest || -1, largest || 1] } : { signed, limits: [0, max(1, largest)] };
}

const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -99], End: [0, 99] };

/** One plane of numbers: one stop of the Tab key, arrows inside. `visit(i, j, how, event)`: over, focus, down, key, edit. */
class NumberMap {
  constructor(visit, editable) {
    Object.assign(this, { visit, editable, element: make("div", { className: "ce-map", role: "grid" }) });
    const types = { pointerover: "over", focusin: "focus", pointerdown: "down", keydown: "key", focusout: "edit" };
    for (const type in types) this.element.addEventListener(type, (event) => this.meet(types[type], event));
  }

  /** Tells the owner which cell an event met; arrows only move the focus. */
  meet(how, event) {
    const index = this.cells.indexOf(event.target);
    const [i, j] = [floor(index / this.columns), index % this.columns];
    if (index < 0 || (how === "edit" && !this.editable)) return;
    if (how === "focus" && !event.target.matches(":focus-visible")) return;
    if (how === "focus" && this.editable) getSelection().selectAllChildren(event.target);
    if (how === "key" && !this.walk(i, j, event)) return;
    this.visit(i, j, how, event);
  }

  /** Moves the focus; true for Enter and the space bar. */
  walk(i, j, event) {
    const step = KEYS[event.key];
    const enter = event.key === "Enter" || event.key === " ";
    if (step || enter) event.preventDefault();
    if (enter && this.editable) event.target.blur();
    if (step && i + step[0] >= 0 && i + step[0] < this.rows) {
      this.stop(i + step[0], max(0, min(this.columns - 1, j + step[1]))).focus();
    }
    return enter;
  }

  /** Makes cell (i, j) the one that the Tab key reaches. */
  stop(i, j) {
    this.cells.forEach((cell, k) => (cell.tabIndex = k === i * this.columns + j ? 0 : -1));
    return this.cells[i * this.columns + j];
  }

  /** Makes the cells anew where the size has changed. */
  resize(rows, columns) {
    if (this.rows === rows && this.columns === columns) return;
    Object.assign(this, { rows, columns });
    const cell = () => make("div", { role: "gridcell", ...(this.editable && { contentEditable: "plaintext-only" }) });
    const lines = Array.from({ length: rows }, () => make("div", { role: "row" }, ...Array.from({ length: columns }, cell)));
    this.cells = lines.flatMap((line) => [...line.children]);
    this.element.replaceChildren(...lines);
    this.element.style.cssText = `--rows: ${rows}; --columns: ${columns}`;
    this.stop(0, 0);
  }

  /** Shows rows of values under a label; `padOf(i, j)` is the text of a padded cell, undefined for a pixel. */
  show(label, values, colours, padOf) {
    this.resize(values.length, values[0].length);
    this.element.setAttribute("aria-label", label);
    const texts = values.flatMap((row, i) => row.map((value, j) => padOf?.(i, j) ?? format(value)));
    const space = this.element.clientWidth / this.columns;
    const size = min(14, space / (0.7 * max(2.5, ...texts.map((text) => text.length))));
    this.element.style.fontSize = `${max(size, 7)}px`;
    values.flat().forEach((value, k) => {
      const [cell, i, j] = [this.cells[k], floor(k / this.columns), k % this.columns];
      const [pad, colour] = [padOf?.(i, j) !== undefined, colourOf(value, colours)];
      cell.style.background = pad ? "var(--soft)" : `rgb(${colour})`;
      cell.style.color = pad ? "inherit" : inkOn(colour);
      const text = size < 7 ? "" : texts[k];
      if (cell.textContent !== text && !(this.editable && document.activeElement === cell)) cell.textContent = text;
      cell.ariaLabel = `(${i}, ${j}): ${texts[k]}`;
      cell.dataset.value = pad ? "" : value;
    });
  }
}

/** A caption and the planes of an array [rows][columns][planes]; `visit(i, j, plane, how, event)`. */
export class Maps {
  constructor(visit = () => {}, className = "", editable = false) {
    Object.assign(this, { visit, editable, maps: [], caption: make("div", { className: "ce-caption" }) });
    this.area = make("div", { className: "ce-planes" });
    this.element = make("div", { className: `ce-panel ${className}` }, this.caption, this.area);
  }

  /** Shows the array; `labelOf(c)` names a plane. */
  show(caption, array, colours, padOf, labelOf = () => caption) {
    const count = array[0][0].length;
    for (let c = this.maps.length; c < count; c++) {
      this.maps.push(new NumberMap((i, j, ...how) => this.visit(i, j, c, ...how), this.editable));
    }
    this.shown = this.maps.slice(0, count);
    this.put(caption, ...this.shown.map((map) => map.element));
    this.area.style.setProperty("--across", ceil(Math.sqrt(count)));
    this.shown.forEach((map, c) => map.show(labelOf(c), array.map((row) => row.map((pixel) => pixel[c])), colours, padOf));
  }

  /** Shows elements under the caption. */
  put(caption, ...elements) {
    this.caption.textContent = caption;
    keep(this.area, elements);
  }

  /** Marks cells: `classOf("i,j,plane")` is "ce-window", "ce-current" or "". */
  mark(classOf) {
    this.shown.forEach((map, c) => map.cells.forEach((cell, k) => {
      cell.className = classOf([floor(k / map.columns), k % map.columns, c].join());
    }));
  }
}
