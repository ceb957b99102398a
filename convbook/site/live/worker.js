// Python in a worker: loaded once, then one program after another. It knows nothing of the page.

const MOST_LINES = 400; // of output: a loop that prints for ever must not fill the page

let python;

/** Loads Pyodide, NumPy and the package; says what is being done. */
async function load({ pyodide: folder, archive }) {
  postMessage({ state: "loadingPython" });
  const { loadPyodide } = await import(new URL("pyodide.mjs", folder).href);
  const pyodide = await loadPyodide({ indexURL: folder });
  postMessage({ state: "loadingNumpy" });
  await pyodide.loadPackage("numpy", { messageCallback() {}, errorCallback() {} });
  if (!pyodide.loadedPackages.numpy) throw new Error(`numpy is not in ${folder}`);
  const answer = await fetch(archive);
  if (!answer.ok) throw new Error(`${answer.status} ${archive}`);
  pyodide.unpackArchive(await answer.arrayBuffer(), "zip");
  return { pyodide, runner: pyodide.pyimport("convbook.check.runner") };
}

/** A function that sends each line of output, up to the limit. */
function sender(id) {
  let lines = 0;
  return (text) => {
    lines += 1;
    if (lines <= MOST_LINES) postMessage({ id, text });
    if (lines === MOST_LINES + 1) postMessage({ id, cut: true });
  };
}

/** Runs one program and sends what it printed, and how it ended. */
function run({ pyodide, runner }, { id, code, test }) {
  const batched = sender(id);
  pyodide.setStdout({ batched });
  pyodide.setStderr({ batched });
  postMessage({ id, state: "running" });
  const result = runner.run(code, test);
  const { error, line, value } = result.toJs({ dict_converter: Object.fromEntries });
  result.destroy();
  postMessage({ id, done: true, error, line, value });
}

onmessage = async ({ data }) => {
  try {
    python ??= load(data);
    const loaded = await python;
    if (data.code === undefined) postMessage({ state: "ready" });
    else run(loaded, data);
  } catch (error) {
    python = undefined;
    postMessage({ failed: String(error.message ?? error) });
  }
};
