// <conv-explorer>: one layer on one small image, forward and backward, with every sum written out.
import { PICTURES, KERNELS } from "./pictures.js";
import { OPERATIONS, abs, floor, max, min, round } from "./arithmetic.js";
import { compute, everyPart, filled, isPooling, partsOf, shapeOf } from "./arithmetic.js";
import { Maps, addBaseStyle, addStyle, coloursOf, fill, format, keep, live, make, rounded, wordsFor } from "./base.js";

/** Every word that a reader meets; `ConvExplorer.texts.ko = {…}` or the attribute `texts` (JSON) replaces them. */
const ENGLISH = {
  title: "Convolution explorer", x: "Input x ({size})", y: "Output y ({size})", dy: "Gradient dy ({size})", dx: "dx ({size})",
  w: "Filter {f} ({size})", dw: "dw, filter {f} ({size})", window: "Window ({size})", plane: "{name}, plane {c}",
  settings: "Settings", back: "Back", step: "Step", play: "Play", pause: "Pause", draw: "Draw", image: "Image", size: "Size",
  operation: "Operation", kernel: "Kernel", "kernel-size": "Kernel size", stride: "Stride", padding: "Padding",
  dilation: "Dilation", channels: "Channels", filters: "Filters", mode: "Pass", gradients: "Gradient dy is",
  numbers: "Numbers of the image (an empty line between channels)", letter: "letter d", own: "your own", gradient: "backward",
  ones: "1 everywhere", one: "1 at one output", various: "various", "max-pooling": "max pooling", "min-pooling": "min pooling",
  "average-pooling": "average pooling", largest: "{name} is the largest of {list}: {total}.",
  smallest: "{name} is the smallest of {list}: {total}.", mean: "{name} is the mean of {list}: {total}.",
  sum: "{name} = {list} {equals} {total}.", bias: "{value} (bias)", more: "… ({count} more terms)",
  feeds: "{name} = {value}. Windows that hold it: {count}. {list}", takes: "{name} takes it × {weight}.",
  sends: "{name} = {value} goes back to its window. {list}", gets: "{name} gets {value} × {weight}.",
  pad: "This pixel is padding.",
  counts: "Sizes, stride and dilation must be whole numbers of at least 1, padding of at least 0.",
  tooLarge: "No window fits: the kernel spans {span} pixels, and the padded image has {padded}.",
  tooWide: "Padding must be narrower than the window, or a window would hold no pixel of the image.",
  notNumbers: "The image must have a known name, or be rows of numbers, all equally long.",
  notWeights: "The kernel must have a known name, or be rows of numbers, as deep as the image.",
  notKnown: "The operation must have a known name.",
};

const upTo = (first, last) => filled([last - first + 1], (k) => k + first);
/** Each option: its default first, then what the reader can choose. */
const OPTIONS = {
  image: ["digit", ...Object.keys(PICTURES), "own"], size: [8, ...upTo(3, 16)],
  operation: ["convolution", ...OPERATIONS],
  kernel: ["sobel-x", ...Object.keys(KERNELS), "own"], "kernel-size": [3, ...upTo(1, 5)], stride: [1, ...upTo(1, 4)],
  padding: ["valid", "valid", "same", "full", 1, 2, 3], dilation: [1, ...upTo(1, 3)], channels: [1, ...upTo(1, 3)],
  filters: [1, ...upTo(1, 4)], mode: ["forward", "forward", "gradient"], gradients: ["ones", "ones", "one", "various", "own"],
};
const POOLED = { "max-pooling": ["largest", "−∞"], "min-pooling": ["smallest", "∞"], "average-pooling": ["mean", ""] };
const MOST = 80;

const STYLE = `
.ce-panels, .ce-choices { display: grid; gap: 10px; }
.ce { --says: 9.8em; }
.ce-panel { width: 100%; max-width: 300px; min-width: 0; margin: auto; }
.ce-panel > .ce-planes { aspect-ratio: 1; }
.ce-small { height: 160px; display: flex; flex-direction: column; }
.ce .ce-small > .ce-planes { aspect-ratio: auto; overflow: auto; flex: 1 1 0; min-height: 0; padding: 2px;
  grid-template-columns: repeat(auto-fit, minmax(75px, 1fr)); }
.ce-small .ce-map { width: min(100%, 125px); }
.ce .ce-error { border: 2px solid var(--glow); padding: 8px; }
.ce-choices { grid-template-columns: 1fr 1fr; margin-top: 8px; }
.ce label { display: flex; flex-direction: column; font-size: 13px; margin: 0; }
.ce select { padding: 2px; font-size: 13px; }
.ce textarea { height: 6em; font-family: monospace; width: 100%; white-space: pre; }
.ce-x .ce-map { touch-action: pan-y; }
.ce-draws .ce-x .ce-map { touch-action: none; cursor: crosshair; }
@container (min-width: 600px) {
  .ce { --says: 5.8em; }
  .ce-choices { grid-template-columns: repeat(6, minmax(0, 1fr)); }
  .ce-panels { grid-template-columns: 5fr 3fr 5fr; }
  .ce .ce-panel { margin: 0; }
  .ce-small { height: auto; } }`;

/** A picture of `size` × `size` pixels in tenths: each pixel is the mean of what it covers of the 16 × 16, rounded. */
function picture(name, size) {
  const pixels = PICTURES[name].join("");
  const overlap = (k, i) => max(0, min(k * 16 + 16, (i + 1) * size) - max(k * 16, i * size));
  const share = (k, l) => (i, j) => overlap(k, i) * overlap(l, j) * pixels[(16 * i + j) % pixels.length].replace("X", 10);
  const total = (k, l) => filled([16, 16], share(k, l)).flat().reduce((sum, value) => sum + value);
  return filled([size, size], (k, l) => floor((2 * total(k, l) + 256) / 512) / 10);
}

/** The named kernel on `size` × `size` pixels: the mean of all for "blur", else its 3 × 3 weights in the middle. */
function kernelOf(name, size) {
  const [divisor, rows] = KERNELS[name];
  const at = (p) => p - floor((size - 3) / 2);
  return filled([size, size], (p, q) => (name === "blur" ? 1 / size ** 2 : (rows[at(p)]?.[at(q)] ?? 0) / divisor));
}

/** The channels of an image: itself, its negative, its mirror image. */
const withChannels = (plane, channels) =>
  filled([plane.length, plane.length, channels], (i, j, c) => [plane[i][j], 1 - plane[i][j], plane[i].at(-1 - j)][c % 3]);

/** Rows of numbers as text, an empty line between channels; and back, null where rows are not equally long. */
const toText = (x) => x[0][0].map((_, c) => x.map((row) => row.map((pixel) => pixel[c]).join(" ")).join("\n")).join("\n\n");
function fromText(text) {
  const rows = (part) => part.trim().split("\n").map((row) => row.trim().split(/[\s,;]+/).map(Number));
  const planes = text.trim().split(/\n\s*\n/).map(rows);
  const shape = shapeOf(planes);
  return shape && filled([shape[1], shape[2], shape[0]], (i, j, c) => planes[c][i][j]);
}

/** An attribute's value: JSON, or else the text itself. */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The array with axes of size 1 added behind, up to `rank` axes. */
const deeper = (array, rank) => (rank ? [array].flat().map((part) => deeper(part, rank - 1)) : array);

/** Whether a number is shown as it is. */
const exact = (value) => abs(rounded(value) - value) < 1e-9;
/** A number in a product: a negative one in brackets. */
const factor = (value) => (value < 0 ? `(${format(value)})` : format(value));

export class ConvExplorer extends HTMLElement {
  static compute = compute;
  static texts = { en: ENGLISH };

  /** Called when the element stands in a page. */
  connectedCallback() {
    addBaseStyle();
    addStyle("ce-explorer", STYLE);
    this.watcher = new ResizeObserver(() => this.offsetWidth !== this.width && this.refresh());
    this.start();
    this.watcher.observe(this);
  }

  /** Called when it is taken out. */
  disconnectedCallback() {
    this.watcher.disconnect();
    clearInterval(this.timer);
  }

  /** Reads the attributes and builds everything anew. */
  start() {
    this.words = wordsFor(this, ConvExplorer.texts);
    this.options = {};
    const given = (name, otherwise) => read(this.getAttribute(name) ?? otherwise);
    for (const name in OPTIONS) this.options[name] = given(name, OPTIONS[name][0]);
    [this.bias, this.place] = [given("bias", 0), given("at", "[0,0,0]")];
    const { image, kernel, gradients } = this.options;
    this.w = this.x = null;
    if (Array.isArray(image)) this.takeImage(deeper(image, 3));
    if (Array.isArray(gradients)) Object.assign(this, { dy: deeper(gradients, 3) }).options.gradients = "own";
    this.names = String(kernel).split(/\s*,\s*/);
    if (Array.isArray(kernel)) {
      this.w = deeper(kernel, 4);
      const filters = this.w[0][0][0].length;
      this.names = Array(filters).fill("own");
      Object.assign(this.options, { "kernel-size": kernel.length, filters });
    }
    this.build();
    this.change();
  }

  /** Makes numbers the image; null if they are none. */
  takeImage(x) {
    this.x = x;
    this.options.image = "own";
    if (x) Object.assign(this.options, { size: x.length, channels: x[0][0]?.length });
  }

  /** Makes image and kernels as the options say; what is drawn or edited keeps its numbers. */
  change() {
    const { image, size, channels, filters, "kernel-size": k } = this.options;
    const [{ x, w }, all] = [this, Object.keys(KERNELS)];
    this.look = { kind: "output" };
    if (PICTURES[image]) this.x = withChannels(picture(image, size), channels);
    else if (x && (x.length !== size || x[0][0]?.length !== channels)) {
      this.x = filled([size, size, channels], (i, j, c) => x[i]?.[j]?.[c] ?? 0);
    }
    while (this.names.length < filters) this.names.push(all[(all.indexOf(this.names.at(-1)) + 1) % all.length]);
    const named = this.names.map((name) => KERNELS[name] && kernelOf(name, k));
    const same = w && w.length === k && w[0][0].length === channels && w[0][0][0].length === filters;
    const weight = (p, q, c, f) => (this.names[f] === "own" ? w?.[p]?.[q]?.[c]?.[f] ?? 0 : named[f]?.[p][q]);
    if (!same || named.some(Boolean)) this.w = filled([k, k, channels, filters], weight);
    this.refresh();
  }

  /** The filter whose kernel is shown: that of the current output. */
  get filter() {
    return min(this.place[2] ?? 0, this.names.length - 1);
  }

  /** A text with its values. */
  say(key, values) {
    return fill(this.words[key], values);
  }

  // The page.

  /** Makes panels, buttons and choices, in place of the static form. */
  build() {
    const stay = () => this.lookAt({ kind: "output" });
    this.panels = {
      x: new Maps((...visit) => this.visitInput(...visit), "ce-x"),
      w: new Maps((...visit) => this.visitWeight(...visit), "ce-small", true),
      window: new Maps(stay, "ce-small"),
      y: new Maps((...at) => this.lookAt({ kind: "output" }, at.slice(0, 3))),
      dx: new Maps((r, s, c) => this.lookAt({ kind: "input", r, s, c })),
      dw: new Maps((...at) => this.lookAt({ kind: "weight", at: at.slice(0, 3).join() }), "ce-small"),
    };
    this.panels.dy = this.panels.y;
    const left = (event) => event.pointerType === "touch" || stay();
    for (const panel of Object.values(this.panels)) panel.element.addEventListener("pointerleave", left);
    this.area = make("div", { className: "ce-panels" });
    this.says = make("p", { className: "ce-says", role: "status", tabIndex: 0 });
    this.live = live(this.words.title, this.area, this.says);
    this.live.append(this.buttons(), this.choices());
    this.replaceChildren(this.live);
    this.play(false);
  }

  /** Back, Step, Play and Draw. */
  buttons() {
    const button = (name, onclick) => make("button", { type: "button", textContent: this.words[name], onclick });
    this.playing = button("play", () => this.play(!this.timer));
    const drawing = button("draw", () => (drawing.ariaPressed = this.drawing = this.live.classList.toggle("ce-draws")));
    drawing.ariaPressed = this.drawing = false;
    const steps = [button("back", () => this.step(-1)), button("step", () => this.step(1))];
    return make("div", { className: "ce-row" }, ...steps, this.playing, drawing);
  }

  /** The choices, and the numbers of the image as a text that can be edited. */
  choices() {
    const select = (name) => make("select", { name, onchange: (event) => this.choose(name, read(event.target.value)) });
    this.selects = Object.keys(OPTIONS).map(select);
    const typed = () => (this.takeImage(fromText(this.numbers.value)), this.change());
    this.numbers = make("textarea", { spellcheck: false, onchange: typed });
    const labels = this.selects.map((choice) => make("label", {}, this.words[choice.name], choice));
    const summary = make("summary", { textContent: this.words.settings });
    const all = make("div", { className: "ce-choices" }, ...labels);
    const typing = make("label", {}, this.words.numbers, this.numbers);
    return make("details", { open: this.offsetWidth >= 600 }, summary, all, typing);
  }

  /** Takes over a choice of the reader. */
  choose(name, value) {
    this.options[name] = value;
    if (name === "kernel") this.names[this.filter] = value;
    if (name === "filters") this.names.length = min(value, this.names.length);
    this.change();
  }

  /** What the layer computes, or the error that says why it cannot. */
  compute() {
    const { operation, stride, padding, dilation, "kernel-size": poolSize, mode, gradients } = this.options;
    const one = (...at) => +(at.join() === this.place.join());
    const own = (i, j, f) => this.dy?.[i]?.[j]?.[f] ?? 0;
    const dy = { ones: () => 1, one, various: (i, j, f) => ((3 * i + 5 * j + 2 * f) % 7) - 3, own }[gradients];
    const layer = { operation, x: this.x, w: this.w, poolSize, b: this.bias, strides: stride, padding, dilation };
    return compute({ ...layer, dy: mode === "gradient" && dy });
  }

  /** Computes and shows everything. */
  refresh() {
    this.width = this.offsetWidth;
    this.result = this.compute();
    const { sizes, dy, dw, error, values } = this.result;
    if (sizes) this.place = sizes.map((size, k) => min(this.place[k] ?? 0, size - 1));
    const names = ["x", isPooling(this.options) ? "window" : "w", "y", ...(dy ? ["dx"] : []), ...(dw ? ["dw"] : [])];
    keep(this.area, names.map((name) => this.panels[name].element));
    this.showChoices();
    if (shapeOf(this.x)?.length === 3) this.showArrays(this.result);
    if (!error) return this.highlight();
    this.says.textContent = this.say(error, values);
    this.panels.y.put(this.say("y", { size: "–" }), make("p", { className: "ce-error" }, this.says.textContent));
  }

  /** Shows an array in its panel. */
  put(name, array, colours = coloursOf(array, true), padOf, size = shapeOf(array)) {
    const caption = this.say(name, { size: size.slice(0, size[2] > 1 ? 3 : 2).join(" × "), f: this.filter });
    const label = (c) => (size[2] > 1 ? this.say("plane", { name: caption, c }) : caption);
    this.panels[name].show(caption, array, colours, padOf, label);
  }

  /** Shows the input, the kernel of one filter, the output or its gradient, and the other gradients. */
  showArrays({ geometry, y, dy, dx, dw }) {
    const { x, w, filter } = this;
    const [[top], [left]] = geometry?.widths ?? [[0], [0]];
    const shape = shapeOf(x);
    const padOf = (i, j) => (x[i - top]?.[j - left] ? undefined : this.padText);
    const value = (i, j, c) => x[i - top]?.[j - left]?.[c] ?? 0;
    this.put("x", filled([...(geometry?.padded ?? shape.slice(0, 2)), shape[2]], value), coloursOf(x), padOf, shape);
    const ofFilter = (array) => array.map((row) => row.map((pixel) => pixel.map((weights) => weights[filter])));
    if (!isPooling(this.options) && shapeOf(w)) this.put("w", ofFilter(w), coloursOf(w, true));
    if (dw) this.put("dw", ofFilter(dw), coloursOf(dw, true));
    if (dx) this.put("dx", dx);
    if (y) this.put(dy ? "dy" : "y", dy ?? y, isPooling(this.options) && !dy ? coloursOf(x) : undefined);
  }

  /** What a padded pixel shows. */
  get padText() {
    return POOLED[this.options.operation]?.[1] ?? "0";
  }

  /** The choices as they are, with values that the lists do not have. */
  showChoices() {
    const { options } = this;
    for (const select of this.selects) {
      const { name } = select;
      const value = String(name === "kernel" ? this.names[this.filter] : options[name]);
      const texts = new Set([...OPTIONS[name].slice(1).map(String), value]);
      select.replaceChildren(...[...texts].map((text) => new Option(this.words[text] ?? text, text, false, text === value)));
      select.disabled = isPooling(options) && ["kernel", "filters", "dilation"].includes(name);
    }
    if (shapeOf(this.x)?.length === 3 && document.activeElement !== this.numbers) this.numbers.value = toText(this.x);
  }

  // What the reader looks at.

  /** Looks at something, and moves to an output. */
  lookAt(look, place = this.place) {
    if (!this.result.y) return;
    const moved = place.join() !== this.place.join();
    const other = place[2] !== this.place[2];
    Object.assign(this, { look, place });
    if (other || (moved && this.result.dy && this.options.gradients === "one")) this.refresh();
    else this.highlight();
  }

  /** An event on the input: drawing, moving the window, or looking at a pixel. (i, j) counts the padding. */
  visitInput(i, j, c, how, event) {
    const { geometry } = this.result;
    if (!geometry) return;
    const [r, s] = [i - geometry.widths[0][0], j - geometry.widths[1][0]];
    const inside = this.x[r]?.[s] !== undefined;
    if (how === "down" && event.target.hasPointerCapture(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
    const tapped = how === "down" && event.pointerType === "touch" && !this.drawing;
    const pressed = (how === "down" && !tapped) || how === "key" || (how === "over" && event.buttons & 1);
    if (pressed && !this.drawing) this.lookAt({ kind: "output" }, [...this.nearest(i, j), this.place[2]]);
    else if (pressed && inside) this.paint(r, s, c, how);
    else this.lookAt(inside ? { kind: "input", r, s, c } : { kind: "pad" });
  }

  /** The output whose window has its middle nearest to (i, j) of the padded input. */
  nearest(...at) {
    const { output, strides, kernel, dilation } = this.result.geometry;
    const start = (k) => round((at[k] - (dilation[k] * (kernel[k] - 1)) / 2) / strides[k]);
    return [0, 1].map((k) => max(0, min(output[k] - 1, start(k))));
  }

  /** Sets a pixel to white, or to black where the stroke began on a bright pixel. */
  paint(r, s, c, how) {
    if (how !== "over") this.ink = this.x[r][s][c] < 0.5 ? 1 : 0;
    this.x[r][s][c] = this.ink;
    this.options.image = "own";
    this.look = { kind: "input", r, s, c };
    this.refresh();
  }

  /** An event on the kernel: a weight was edited, or looked at. */
  visitWeight(p, q, c, how, event) {
    if (how !== "edit") return this.lookAt({ kind: "weight", at: [p, q, c].join() });
    const value = Number(event.target.textContent.replace("−", "-") || NaN);
    const now = this.w[p][q][c][this.filter];
    if (Number.isFinite(value) && format(value) !== format(now)) {
      this.w[p][q][c][this.filter] = value;
      this.options.kernel = this.names[this.filter] = "own";
    }
    this.refresh();
  }

  /** Goes on by some outputs, row by row and filter by filter, and begins again after the last. */
  step(by) {
    if (!this.result.y) return;
    const [height, width, filters] = this.result.sizes;
    const places = filled([filters, height, width], (f, i, j) => [i, j, f]).flat(2);
    const now = places.findIndex((at) => at.join() === this.place.join());
    this.lookAt({ kind: "output" }, places.at((now + by) % places.length));
  }

  /** Starts or stops stepping; slower where the reader has asked for less motion. */
  play(on) {
    clearInterval(this.timer);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.timer = on && setInterval(() => this.step(1), calm ? 2500 : 700);
    this.playing.textContent = this.words[on ? "pause" : "play"];
    this.says.ariaLive = on ? "off" : "polite";
  }

  /** Marks what belongs together, and says it in words. */
  highlight() {
    const { panels, result, place, look } = this;
    const [[top], [left]] = result.geometry.widths;
    const parts = partsOf(result, ...place);
    const pixel = ({ r, s, c }) => [r, s, c].join();
    const isInput = look.kind === "input";
    const fed = isInput ? everyPart(result, (part) => pixel(part) === pixel(look)) : [];
    const [window, outputs] = [new Set(isInput ? [] : parts.map(pixel)), new Set(fed.map((part) => part.place.join()))];
    const input = (key) => (isInput && key === pixel(look) ? "ce-current" : window.has(key) ? "ce-window" : "");
    const weight = (key) => (look.kind === "weight" && key === look.at ? "ce-current" : "");
    panels.x.mark((key) => input(key.split(",").map((k, axis) => k - [top, left, 0][axis]).join()));
    panels.y.mark((key) => (outputs.has(key) ? "ce-window" : !isInput && key === place.join() ? "ce-current" : ""));
    panels.y.shown[place[2]].stop(place[0], place[1]);
    if (result.dx) panels.dx.mark(input);
    if (result.dw) panels.dw.mark(weight);
    if (result.w) panels.w.mark(weight);
    else this.showWindow(parts);
    const text = this.sentence(parts, fed);
    if (this.says.textContent !== text) this.says.textContent = text;
  }

  /** The window of the current output, for pooling. */
  showWindow(parts) {
    const [rows, columns] = this.result.geometry.kernel;
    const at = (p, q) => parts[p * columns + q];
    const padOf = (p, q) => (at(p, q).inside ? undefined : this.padText);
    this.put("window", filled([rows, columns, 1], (p, q) => at(p, q).value), coloursOf(this.x), padOf);
    this.panels.window.mark((key) => (at(...key.split(",").map(Number)).weight === 1 ? "ce-current" : ""));
  }

  /** "y(1, 2)", with the channel or the filter where there are several. */
  nameOf(array, place) {
    const several = (array === "y" || array === "dy" ? this.result.sizes : this.result.shape)[2] > 1;
    return `${array}(${place.slice(0, several ? 3 : 2).join(", ")})`;
  }

  /** What is marked, in words and numbers. */
  sentence(parts, fed) {
    const { look, result, place, filter } = this;
    const { x, y, dx, dy, dw } = result;
    const at = (array, [i, j, f]) => array[i][j][f];
    const there = look.kind === "input" && [look.r, look.s, look.c];
    if (look.kind === "pad") return this.words.pad;
    const takers = fed.map((part) => [at(dy ?? y, part.place), part.weight]);
    if (there && dy) return this.sum(this.nameOf("dx", there), takers, at(dx, there));
    const taker = (part) => this.nameOf("y", part.place);
    if (there) return this.list("feeds", "takes", this.nameOf("x", there), at(x, there), fed, taker);
    if (look.kind === "weight" && dw) {
      const [p, q, c] = look.at.split(",").map(Number);
      const used = everyPart(result, (part) => part.p === p && part.q === q && part.c === c);
      const products = used.filter((part) => part.place[2] === filter).map((part) => [part.value, at(dy, part.place)]);
      return this.sum(this.nameOf("dw", [p, q, c]), products, dw[p][q][c][filter]);
    }
    const inside = parts.filter((part) => part.inside);
    const pixel = ({ r, s, c }) => this.nameOf("dx", [r, s, c]);
    if (dy) return this.list("sends", "gets", this.nameOf("dy", place), at(dy, place), inside, pixel);
    const [name, total] = [this.nameOf("y", place), at(y, place)];
    if (result.w) return this.sum(name, parts.map((part) => [part.value, part.weight]), total, result.b[filter]);
    const list = inside.map((part) => format(part.value)).join(", ");
    return this.say(POOLED[result.operation][0], { name, list, total: format(total) });
  }

  /** name = value … : one item for each part, with its weight. */
  list(whole, item, name, number, parts, nameOf) {
    const value = format(number);
    const items = parts.map((part) => this.say(item, { name: nameOf(part), value, weight: factor(part.weight) }));
    return this.say(whole, { name, value, count: parts.length, list: items.join(" ") });
  }

  /** name = a × b + c × d + … = total. */
  sum(name, products, total, bias = 0) {
    const list = products.slice(0, MOST).map((pair) => pair.map(factor).join(" × "));
    if (products.length > MOST) list.push(this.say("more", { count: products.length - MOST }));
    if (bias) list.push(this.say("bias", { value: factor(bias) }));
    const equals = [...products.flat(), total, bias].every(exact) ? "=" : "≈";
    return this.say("sum", { name, list: list.join(" + ") || "0", equals, total: format(total) });
  }
}

if (!customElements.get("conv-explorer")) customElements.define("conv-explorer", ConvExplorer);
