// <digit-network>: a trained network that reads the digit which the reader draws, and shows every map on the way.
import { filled, floor, max, min, round } from "./arithmetic.js";
import { Maps, addBaseStyle, addStyle, coloursOf, fill, live, make, wordsFor } from "./base.js";

/** Every word that a reader meets; `DigitNetwork.texts.ko = {…}` or the attribute `texts` (JSON) replaces them. */
const ENGLISH = {
  title: "Digit network", drawn: "Draw a digit", seen: "What it sees", answer: "Its answer", clear: "Clear",
  example: "Or take a test digit", none: "none", share: "{percent} %",
  help: "The drawing is scaled to fit in 20 × 20 pixels, and its centre of mass is moved to the middle, as in MNIST.",
  empty: "Draw a digit with the pointer or a finger, or with the arrow keys and the space bar.",
  says: "The network reads a {digit}, with a probability of {percent} %. The next is {other}, with {rest} %.",
  Conv2D: "Convolution {number}: {depth} feature maps ({height} × {width})",
  MaxPooling2D: "Max pooling {number}: {depth} pooled maps ({height} × {width})",
  map: "map {number}: numbers from {least} to {most}",
};

const STYLE = `
.dn-top { display: grid; gap: 20px; }
.dn-top > * { min-width: 0; width: 100%; max-width: 300px; margin: auto; }
.dn-top .ce-planes { aspect-ratio: 1; }
.dn-seen { width: 150px; }
.dn-drawn .ce-map { touch-action: none; cursor: crosshair; }
.ce-map.dn-quiet { background: #000; }
.dn-quiet > * > * { border: 0 !important; }
.dn-answer { display: grid; gap: 3px; }
.dn-answer > div:not(.ce-caption) { display: grid; grid-template-columns: 1.2em 1fr 4.2em; gap: 6px; align-items: center; }
.dn-bar { background: var(--soft); height: 18px; }
.dn-bar > div { background: var(--glow); height: 100%; }
.dn-answer span:last-child { text-align: right; font-variant-numeric: tabular-nums; }
digit-network .ce { --says: 4.4em; }
digit-network .ce label { display: flex; flex-direction: row; gap: 6px; align-items: center; font-size: inherit; margin: 0; }
.dn-help { font-size: 13px; margin: 4px 0; min-height: 4.4em; }
.dn-maps { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 4px; margin-bottom: 8px; }
.dn-maps canvas { width: 100%; aspect-ratio: 1; image-rendering: pixelated; }
@container (min-width: 600px) {
  .dn-top { grid-template-columns: 1fr 1fr 1fr; }
  .dn-top > * { margin: 0; width: 100%; }
  .dn-maps { grid-template-columns: repeat(16, minmax(0, 1fr)); }
  .dn-help { min-height: 2.8em; } }`;

const numbersOf = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);

// The layers: each takes {shape: [height, width, depth], data} and gives the data of `layer.shape`.

/** The first row and column of window (i, j), which may lie in the padding. */
function startOf({ size, strides, padding, shape }, input, i, j) {
  const before = (k) => {
    if (padding !== "same") return 0;
    return floor(max((shape[k] - 1) * strides[k] + size[k] - input.shape[k], 0) / 2);
  };
  return [i * strides[0] - before(0), j * strides[1] - before(1)];
}

/** Calls `visit(p, q, offset)` for every pixel of window (i, j) that lies inside; `offset` is where its channels begin. */
function eachPixel(layer, input, i, j, visit) {
  const [height, width, depth] = input.shape;
  const [top, left] = startOf(layer, input, i, j);
  for (let p = 0; p < layer.size[0]; p++) {
    for (let q = 0; q < layer.size[1]; q++) {
      const [r, s] = [top + p, left + q];
      if (r >= 0 && s >= 0 && r < height && s < width) visit(p, q, (r * width + s) * depth);
    }
  }
}

/** Calls `window(i, j, offset)` for every output pixel; `offset` is where its channels begin. */
function eachOutput({ shape: [height, width, depth] }, window) {
  for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) window(i, j, (i * width + j) * depth);
}

/** y = b + Σ x w, over the pixels and channels of each window. */
function convolve(layer, input) {
  const [depth, filters] = [input.shape[2], layer.shape[2]];
  const data = new Float64Array(layer.shape[0] * layer.shape[1] * filters);
  eachOutput(layer, (i, j, at) => {
    for (let f = 0; f < filters; f++) data[at + f] = layer.bias[f];
    eachPixel(layer, input, i, j, (p, q, from) => {
      for (let c = 0; c < depth; c++) {
        const weights = ((p * layer.size[1] + q) * depth + c) * filters;
        for (let f = 0; f < filters; f++) data[at + f] += input.data[from + c] * layer.kernel[weights + f];
      }
    });
  });
  return data;
}

/** The largest number of each window and channel. */
function poolLargest(layer, input) {
  const depth = layer.shape[2];
  const data = new Float64Array(layer.shape[0] * layer.shape[1] * depth).fill(-Infinity);
  eachOutput(layer, (i, j, at) => {
    eachPixel(layer, input, i, j, (p, q, from) => {
      for (let c = 0; c < depth; c++) data[at + c] = max(data[at + c], input.data[from + c]);
    });
  });
  return data;
}

/** The mean of each channel. */
function average(layer, { data }) {
  const depth = layer.shape[0];
  const sums = new Float64Array(depth);
  data.forEach((value, k) => (sums[k % depth] += (value * depth) / data.length));
  return sums;
}

/** y = b + x w, for all numbers at once. */
function connect(layer, { data }) {
  const answers = Float64Array.from(layer.bias);
  data.forEach((value, k) => answers.forEach((_, f) => (answers[f] += value * layer.kernel[k * answers.length + f])));
  return answers;
}

/** The exponentials, divided by their sum. */
function softmax(data) {
  const powers = data.map((value) => Math.exp(value - max(...data)));
  const total = powers.reduce((sum, power) => sum + power);
  return powers.map((power) => power / total);
}

const rectify = (data) => data.map((value) => max(0, value));
const LAYERS = {
  Conv2D: convolve, MaxPooling2D: poolLargest, GlobalAveragePooling2D: average, Dense: connect,
  BatchNormalization: ({ scale, offset }, { data }) =>
    data.map((value, k) => value * scale[k % scale.length] + offset[k % scale.length]),
  ReLU: (layer, { data }) => rectify(data), Flatten: (layer, { data }) => data,
};
const ACTIVATIONS = { linear: (data) => data, relu: rectify, softmax };

/** The network with its weights as numbers. */
function unpack({ layers, ...notes }) {
  const numbers = (layer) => {
    const names = ["kernel", "bias", "scale", "offset"].filter((name) => layer[name]);
    return Object.fromEntries(names.map((name) => [name, numbersOf(layer[name])]));
  };
  return { ...notes, layers: layers.map((layer) => ({ ...layer, ...numbers(layer) })) };
}

/** What every layer answers to 784 pixels from 0 to 1: a list of {type, shape, data}; the last are logits or shares. */
function run(network, pixels) {
  let output = { shape: [28, 28, 1], data: Float64Array.from(pixels) };
  return network.layers.map((layer) => {
    const data = ACTIVATIONS[layer.activation](LAYERS[layer.type](layer, output));
    output = { type: layer.type, shape: layer.shape, data };
    return output;
  });
}

/** The ten probabilities of the last output. */
const sharesOf = (network, outputs) =>
  network.layers.at(-1).activation === "softmax" ? outputs.at(-1).data : softmax(outputs.at(-1).data);

/** The pixels (28 × 28) between rows and columns, by distance; 0 outside. */
function between(pixels, i, j) {
  const [top, left] = [floor(i), floor(j)];
  const at = (r, s) => (r >= 0 && s >= 0 && r < 28 && s < 28 ? pixels[r * 28 + s] : 0);
  const [p, q] = [i - top, j - left];
  const row = (r) => (1 - q) * at(r, left) + q * at(r, left + 1);
  return (1 - p) * row(top) + p * row(top + 1);
}

/** A drawing as MNIST's digits are: its longer side 20 pixels, its centre of mass at pixel (14, 14). */
function normalised(pixels) {
  const inked = [...pixels.keys()].filter((k) => pixels[k] > 0);
  if (!inked.length) return pixels;
  const sides = [(k) => floor(k / 28), (k) => k % 28].map((place) => inked.map(place));
  const longest = max(...sides.map((list) => max(...list) - min(...list) + 1));
  const total = inked.reduce((sum, k) => sum + pixels[k], 0);
  const middle = sides.map((list) => list.reduce((sum, place, k) => sum + place * pixels[inked[k]], 0) / total);
  const samples = filled([4], (k) => (k - 1.5) / 4);
  const value = (place) => {
    const [i, j] = [floor(place / 28) - 14, (place % 28) - 14];
    const at = (p, q) => between(pixels, middle[0] + ((i + p) * longest) / 20, middle[1] + ((j + q) * longest) / 20);
    return samples.reduce((sum, p) => sum + samples.reduce((line, q) => line + at(p, q), 0), 0) / 16;
  };
  return filled([784], value);
}

/** The colour map viridis at eleven places. */
const VIRIDIS = [0x440154, 0x482475, 0x414487, 0x355f8d, 0x2a788e, 0x21918c, 0x22a884, 0x44bf70, 0x7ad151, 0xbddf26, 0xfde725];

/** Draws plane c of an output on a canvas, from 0 (dark) to `most` (yellow). */
function paint(canvas, { shape: [height, width, depth], data }, c, most) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let k = 0; k < width * height; k++) {
    const colour = VIRIDIS[min(10, max(0, round((10 * data[k * depth + c]) / most)))];
    image.data.set([colour >> 16, (colour >> 8) & 255, colour & 255, 255], 4 * k);
  }
  context.putImageData(image, 0, 0);
}

export class DigitNetwork extends HTMLElement {
  /** {outputs, shares} of an exported network for 784 pixels. */
  static run = (network, pixels) => {
    const outputs = run(unpack(network), pixels);
    const listed = outputs.map((output) => ({ ...output, data: [...output.data] }));
    return { outputs: listed, shares: [...sharesOf(network, outputs)] };
  };
  static normalised = normalised;
  static texts = { en: ENGLISH };

  /** Called when the element stands in a page. */
  connectedCallback() {
    addBaseStyle();
    addStyle("dn-style", STYLE);
    this.words = wordsFor(this, DigitNetwork.texts);
    this.network ??= unpack(JSON.parse(this.querySelector("script[type='application/json']").textContent));
    this.pixels ??= filled([784], () => 0);
    this.build();
    this.watcher = new ResizeObserver(() => this.offsetWidth !== this.width && this.refresh());
    this.watcher.observe(this);
  }

  /** Called when it is taken out. */
  disconnectedCallback() {
    this.watcher.disconnect();
  }

  /** A text with its values. */
  say(key, values) {
    return fill(this.words[key], values);
  }

  /** Makes the drawing, what the network sees, its answer, and the maps. */
  build() {
    this.drawn = new Maps((i, j, c, how, event) => this.visit(i, j, how, event), "dn-drawn");
    this.seen = new Maps(undefined, "dn-seen");
    this.bars = filled([10], () => make("div"));
    this.percents = filled([10], () => make("span"));
    const bar = (digit) => make("div", { className: "dn-bar" }, this.bars[digit]);
    const row = (digit) => make("div", {}, make("span", {}, digit), bar(digit), this.percents[digit]);
    const caption = make("div", { className: "ce-caption" }, this.words.answer);
    const answer = make("div", { className: "dn-answer" }, caption, ...filled([10], row));
    const top = make("div", { className: "dn-top" }, this.drawn.element, this.seen.element, answer);
    this.says = make("p", { className: "ce-says", role: "status" });
    this.stages = make("div");
    const help = make("p", { className: "dn-help" }, this.words.help);
    const all = [top, this.buttons(), this.says, help, this.stages];
    this.replaceChildren(live(this.words.title, ...all));
    this.refresh();
  }

  /** A button that clears the drawing, and test digits to take. */
  buttons() {
    const onclick = () => this.take(filled([784], () => 0));
    const clear = make("button", { type: "button", textContent: this.words.clear, onclick });
    const digits = filled([10], (digit) => new Option(digit, digit));
    const select = make("select", { onchange: () => select.value && this.take(this.example(Number(select.value))) });
    select.append(new Option(this.words.none, ""), ...digits);
    const label = make("label", {}, this.words.example, " ", select);
    return make("div", { className: "ce-row" }, clear, ...(this.network.examples ? [label] : []));
  }

  /** The pixels of a test digit. */
  example(digit) {
    const letters = atob(this.network.examples).slice(784 * digit, 784 * digit + 784);
    return Array.from(letters, (letter) => letter.charCodeAt(0) / 255);
  }

  /** Makes 784 numbers the drawing. */
  take(pixels) {
    this.pixels = pixels;
    this.refresh();
  }

  /** An event on the drawing: a stroke of the pointer, or a dot by the space bar. */
  visit(i, j, how, event) {
    if (how === "down" && event.target.hasPointerCapture(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
    if (how !== "down" && how !== "key" && !(how === "over" && event.buttons & 1)) return;
    const [r, s] = how === "over" && this.last ? this.last : [i, j];
    const steps = max(1, Math.abs(i - r), Math.abs(j - s));
    for (let k = 0; k <= steps; k++) this.dot(r + ((i - r) * k) / steps, s + ((j - s) * k) / steps);
    this.last = [i, j];
    this.refresh();
  }

  /** Ink around a place: all of it within half a pixel, none from one and a half pixels on. */
  dot(i, j) {
    this.pixels = this.pixels.map((ink, k) => {
      const distance = Math.hypot(floor(k / 28) - i, (k % 28) - j);
      return max(ink, round(100 * min(1, max(0, 1.6 - distance))) / 100);
    });
  }

  /** Shows the drawing, runs the network and shows what it computes. */
  refresh() {
    this.width = this.offsetWidth;
    const seen = normalised(this.pixels);
    const plane = (pixels) => filled([28, 28, 1], (i, j) => pixels[28 * i + j]);
    for (const [maps, name, pixels] of [[this.drawn, "drawn", this.pixels], [this.seen, "seen", seen]]) {
      maps.show(this.words[name], plane(pixels), coloursOf([1], false));
      maps.maps[0].element.classList.add("dn-quiet");
    }
    this.outputs = run(this.network, seen);
    this.showAnswer(seen.some((ink) => ink > 0));
    this.showMaps();
  }

  /** The ten probabilities as bars, and the two largest in words; nothing for an empty drawing. */
  showAnswer(drawn) {
    this.shares = [...sharesOf(this.network, this.outputs)];
    const percents = this.shares.map((share) => (drawn ? (100 * share).toFixed(1) : "–"));
    this.percents.forEach((span, digit) => {
      span.textContent = this.say("share", { percent: percents[digit] });
      span.dataset.value = this.shares[digit];
      this.bars[digit].style.width = drawn ? `${100 * this.shares[digit]}%` : 0;
    });
    const [digit, other] = this.shares.map((_, k) => k).sort((a, b) => this.shares[b] - this.shares[a]);
    const values = { digit, percent: percents[digit], other, rest: percents[other] };
    const text = this.say(drawn ? "says" : "empty", values);
    if (this.says.textContent !== text) this.says.textContent = text;
  }

  /** The feature maps after their activation, and the pooled maps. */
  showMaps() {
    const { outputs } = this;
    const follows = (output) => output && (output.type === "BatchNormalization" || output.type === "ReLU");
    const counts = {};
    let place = 0;
    outputs.forEach(({ type }, k) => {
      if (type !== "Conv2D" && type !== "MaxPooling2D") return;
      let last = k;
      while (follows(outputs[last + 1])) last++;
      counts[type] = (counts[type] ?? 0) + 1;
      this.showStage(place++, type, counts[type], outputs[last]);
    });
  }

  /** Draws the maps of one layer, under its name. */
  showStage(place, type, number, output) {
    const [height, width, depth] = output.shape;
    const stage = this.stages.children[place] ?? this.newStage(depth);
    stage.firstChild.textContent = this.say(type, { number, depth, height, width });
    const most = output.data.reduce((largest, value) => max(largest, value), 1e-6);
    [...stage.lastChild.children].forEach((canvas, c) => {
      const plane = output.data.filter((_, k) => k % depth === c);
      const [least, largest] = [min(...plane), max(...plane)].map((value) => value.toFixed(2));
      canvas.ariaLabel = this.say("map", { number: c, least, most: largest });
      paint(canvas, output, c, most);
    });
  }

  /** A name and so many canvases. */
  newStage(depth) {
    const canvases = filled([depth], () => make("canvas", { role: "img" }));
    const caption = make("div", { className: "ce-caption" });
    const stage = make("div", {}, caption, make("div", { className: "dn-maps" }, ...canvases));
    this.stages.append(stage);
    return stage;
  }
}

if (!customElements.get("digit-network")) customElements.define("digit-network", DigitNetwork);
