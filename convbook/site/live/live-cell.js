/** <live-cell>: the starter code of an exercise as an editor that runs and checks it in the page. Nothing is loaded before the first click. */

const SECONDS = 20; // after which a program is ended
const TEXTS = {
  code: "Your code",
  keys: "The Tab key inserts spaces. To leave the field, press Escape and then Tab.",
  run: "Run",
  check: "Check",
  stop: "Stop",
  restore: "Start again",
  output: "Output",
  loadingPython: "Python is being loaded (about 10 MB, once) …",
  loadingNumpy: "NumPy is being loaded …",
  ready: "Python is ready.",
  running: "Running …",
  done: "Done.",
  stopped: "Stopped. A new Python is being started.",
  tooLong: `Ended after ${SECONDS} seconds. Is there a loop that never stops? A new Python is being started.`,
  busy: "Another cell of this page is running. Wait for it, or stop it.",
  failed: "Python could not be loaded. Is there a connection to the network? ({error})",
  errorIn: "Error in line {line}: {error}",
  error: "Error: {error}",
  wrong: "The program ended with an error.",
  cut: "More output is not shown.",
  nothing: "(The program printed nothing.)",
  restored: "The code is as it was at the start.",
};

/** A sentence with its places filled in. */
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** An element with attributes and children. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** One worker for all cells of a page; a program that must be ended ends its worker with it. */
class Python {
  /** `places`: the addresses of Pyodide's folder and of the package. */
  constructor(places) {
    this.places = places;
    this.number = 0;
    this.ready = false;
  }

  /** Starts a worker, which begins to load. */
  start() {
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this.hear(data);
    this.worker.onerror = (event) => this.hear({ failed: event.message || "worker.js" });
    this.worker.postMessage(this.places);
  }

  /** Runs a program; `cell.hear` gets every message about it. */
  run(cell, code, test) {
    if (!this.worker) this.start();
    this.cell = cell;
    this.number += 1;
    this.worker.postMessage({ ...this.places, id: this.number, code, test });
  }

  /** Passes a message on to the cell that is running; a message of an earlier program is dropped. */
  hear(message) {
    if (message.id !== undefined && message.id !== this.number) return;
    if (message.failed) this.drop();
    if (message.state === "ready" || message.state === "running") this.ready = true;
    if (message.state === "running") this.timer = setTimeout(() => this.end("tooLong"), SECONDS * 1000);
    const cell = this.cell;
    if (message.done || message.failed) this.release();
    cell?.hear(message);
  }

  /** Ends the program that is running, with the reason, and starts a new worker. */
  end(reason) {
    const cell = this.cell;
    this.drop();
    this.release();
    cell?.hear({ ended: reason });
    this.start();
  }

  /** Forgets the worker. */
  drop() {
    this.worker?.terminate();
    this.worker = undefined;
    this.ready = false;
  }

  /** No program is running now. */
  release() {
    clearTimeout(this.timer);
    this.cell = undefined;
  }
}

let python; // of this page

class LiveCell extends HTMLElement {
  /** Builds the editor in place of the code that a page without scripts shows. */
  connectedCallback() {
    if (this.editor) return;
    this.texts = { ...TEXTS, ...JSON.parse(this.getAttribute("texts") ?? "{}") };
    this.starter = this.getAttribute("code");
    this.key = `live-cell:${location.pathname}:${this.id}`;
    this.build();
    this.listen();
    this.write(this.saved() ?? this.starter);
  }

  /** The parts of the element. */
  build() {
    const { texts, id } = this;
    const keys = element("p", { id: `${id}-keys`, class: "live-keys" }, texts.keys);
    const plain = { spellcheck: "false", autocapitalize: "off", autocomplete: "off", wrap: "off" };
    this.editor = element("textarea", { id: `${id}-editor`, "aria-describedby": keys.id, ...plain });
    const label = element("label", { for: this.editor.id }, texts.code);
    this.buttons = Object.fromEntries(["run", "check", "stop", "restore"].map((name) => [name, this.button(name)]));
    this.buttons.stop.disabled = true;
    this.state = element("p", { class: "live-state", role: "status" });
    this.lines = element("pre");
    this.output = element("div", { class: "live-output", role: "log", "aria-label": texts.output, tabindex: "0" }, this.lines);
    this.output.hidden = true;
    const row = element("div", { class: "live-buttons" }, ...Object.values(this.buttons));
    this.replaceChildren(label, this.editor, keys, row, this.state, this.output);
  }

  /** One of the four buttons. */
  button(name) {
    return element("button", { type: "button", class: `live-${name}` }, this.texts[name]);
  }

  /** What a click and what a key does. */
  listen() {
    const { run, check, stop, restore } = this.buttons;
    run.onclick = () => this.run("");
    check.onclick = () => this.run(this.getAttribute("check"));
    stop.onclick = () => python?.cell === this && python.end("stopped");
    restore.onclick = () => this.restore();
    this.editor.oninput = () => this.changed();
    this.editor.onkeydown = (event) => this.keyPressed(event);
    this.editor.onblur = () => (this.leaving = false);
  }

  /** Tab inserts spaces, unless Escape was pressed before it; Enter keeps the indentation. */
  keyPressed(event) {
    const plain = !event.shiftKey && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (event.key === "Escape") this.leaving = true;
    else if (event.key === "Tab" && plain && !this.leaving) this.insert("    ", event);
    else if (event.key === "Enter" && plain && !event.isComposing) this.insert(`\n${this.indentation()}`, event);
    else if (event.key !== "Tab" && event.key !== "Shift") this.leaving = false;
  }

  /** The spaces with which the next line begins. */
  indentation() {
    const line = this.editor.value.slice(0, this.editor.selectionStart).split("\n").at(-1);
    return /^ */.exec(line)[0] + (line.trimEnd().endsWith(":") ? "    " : "");
  }

  /** Puts text in place of the selection, in a way that the browser can undo. */
  insert(text, event) {
    event.preventDefault();
    const { selectionStart, selectionEnd } = this.editor;
    if (!document.execCommand("insertText", false, text)) {
      this.editor.setRangeText(text, selectionStart, selectionEnd, "end");
      this.changed();
    }
  }

  /** Shows this code. */
  write(code) {
    this.editor.value = code;
    this.fit();
  }

  /** The editor is as high as its code. */
  fit() {
    this.editor.rows = Math.max(this.editor.value.split("\n").length, 4) + 1;
  }

  /** Keeps what was typed, in this browser. */
  changed() {
    this.fit();
    try {
      localStorage.setItem(this.key, this.editor.value);
    } catch {
      // no storage: the code lives as long as the page
    }
  }

  /** What was typed in an earlier visit, or null. */
  saved() {
    try {
      return localStorage.getItem(this.key);
    } catch {
      return null;
    }
  }

  /** The code of the start, and nothing kept. */
  restore() {
    if (python?.cell === this) return;
    this.write(this.starter);
    try {
      localStorage.removeItem(this.key);
    } catch {
      // nothing was kept
    }
    this.clear();
    this.say("restored");
  }

  /** Runs the code, and behind it the test, if there is one. */
  run(test) {
    python ??= new Python(this.places());
    if (python.cell) {
      if (python.cell !== this) this.say("busy");
      return;
    }
    this.clear();
    this.setRunning(true);
    this.say(python.ready ? "running" : "loadingPython");
    python.run(this, this.editor.value, test);
  }

  /** Where Python and the package are. */
  places() {
    const absolute = (address) => new URL(address, document.baseURI).href;
    return { pyodide: absolute(this.getAttribute("pyodide")), archive: new URL("convbook.zip", import.meta.url).href };
  }

  /** A message of the worker, or of what ended it. */
  hear({ state, text, cut, done, failed, ended, ...result }) {
    if (state) this.say(state);
    if (text !== undefined) this.print(text);
    if (cut) this.print(this.texts.cut);
    if (done) this.finish(result);
    if (failed) this.say("failed", { error: failed });
    if (ended) this.say(ended);
    if (done || failed || ended) this.setRunning(false);
  }

  /** The value or the error with which the program ended. */
  finish({ error, line, value }) {
    if (error) this.print(filled(line ? this.texts.errorIn : this.texts.error, { line, error }), "live-error");
    if (value) this.print(value);
    if (this.output.hidden) this.print(this.texts.nothing);
    this.say(error ? "wrong" : "done");
  }

  /** One more line of output. */
  print(text, kind = "") {
    this.output.hidden = false;
    this.lines.append(element("span", kind ? { class: kind } : {}, `${text}\n`));
  }

  /** No output. */
  clear() {
    this.lines.replaceChildren();
    this.output.hidden = true;
  }

  /** One of the sentences, where a screen reader hears it. */
  say(name, values = {}) {
    this.state.textContent = filled(this.texts[name], values);
  }

  /** While a program runs it can be stopped, and no other one started. */
  setRunning(running) {
    const { run, check, stop, restore } = this.buttons;
    if (!running && document.activeElement === stop) run.focus();
    for (const button of [run, check, restore]) button.setAttribute("aria-disabled", String(running));
    stop.disabled = !running;
  }
}

customElements.define("live-cell", LiveCell);
