// The arithmetic of a layer, forward and backward, without a page: arrays in, arrays out.
// x[i][j][c], w[p][q][c][f], y[i][j][f], as in pages/notation.md, for one image.

export const { abs, ceil, floor, max, min, round } = Math;

/** A nested array of the given sizes whose numbers are value(...indices). */
export function filled([size, ...rest], value, ...place) {
  return Array.from({ length: size }, (_, k) => (rest.length ? filled(rest, value, ...place, k) : value(...place, k)));
}

/** The shape of a nested array, or null where its rows are not equally long or hold no finite numbers. */
export function shapeOf(array) {
  if (!Array.isArray(array)) return Number.isFinite(array) ? [] : null;
  const [first, ...others] = array.map(shapeOf);
  return first && others.every((shape) => String(shape) === String(first) && shape) ? [array.length, ...first] : null;
}

export const OPERATIONS = ["convolution", "max-pooling", "average-pooling", "min-pooling"];

/** Whether the operation takes one number from each window, with nothing to learn. */
export const isPooling = ({ operation }) => operation !== "convolution";

/** [before, after] that `padding` adds on axis k; for "same" the odd pixel goes after. */
function widthsOf(padding, k, size, span, stride) {
  if (padding === "valid") return [0, 0];
  if (padding === "full") return [span - 1, span - 1];
  if (padding !== "same") return Array.isArray(padding) ? padding[k] : [padding, padding];
  const total = max((ceil(size / stride) - 1) * stride + span - size, 0);
  return [floor(total / 2), ceil(total / 2)];
}

/** Where the windows lie: {kernel, strides, dilation, widths, padded, output}, or {error, values}. */
export function geometryOf(shape, kernelSize, settings) {
  const { padding } = settings;
  const pairs = [kernelSize, settings.strides, isPooling(settings) ? 1 : settings.dilation];
  const [kernel, strides, dilation] = pairs.map((value) => (Array.isArray(value) ? value : [value, value]));
  const counts = (list, least) => list.every((value) => Number.isInteger(value) && value >= least);
  const named = ["valid", "same", "full"].includes(padding);
  const known = named || counts([padding].flat(2), 0);
  if (!known || !counts([...kernel, ...strides, ...dilation], 1)) return { error: "counts" };
  const span = [0, 1].map((k) => dilation[k] * (kernel[k] - 1) + 1);
  const widths = [0, 1].map((k) => widthsOf(padding, k, shape[k], span[k], strides[k]));
  const padded = [0, 1].map((k) => shape[k] + widths[k][0] + widths[k][1]);
  const output = [0, 1].map((k) => floor((padded[k] - span[k]) / strides[k]) + 1);
  if (min(...output) < 1) return { error: "tooLarge", values: { padded: padded.join(" × "), span: span.join(" × ") } };
  if (isPooling(settings) && [0, 1].some((k) => max(...widths[k]) >= kernel[k])) return { error: "tooWide" };
  return { kernel, strides, dilation, widths, padded, output };
}

/** What output (i, j, f) is made of, a list of {p, q, c, r, s, inside, value, weight}: it is b + Σ value · weight. */
export function partsOf({ operation, geometry, shape, x, w }, i, j, f) {
  const { kernel, strides, dilation, widths } = geometry;
  const part = (c, p, q) => {
    const r = i * strides[0] + p * dilation[0] - widths[0][0];
    const s = j * strides[1] + q * dilation[1] - widths[1][0];
    const inside = r >= 0 && s >= 0 && r < shape[0] && s < shape[1];
    return { p, q, c, r, s, inside, value: inside ? x[r][s][c] : 0, weight: w ? w[p][q][c][f] : 0 };
  };
  if (w) return filled([shape[2], ...kernel], part).flat(2);
  const parts = filled(kernel, (p, q) => part(f, p, q)).flat();
  const inside = parts.filter((one) => one.inside);
  // The first of the largest, or of the smallest.
  const sign = operation === "min-pooling" ? -1 : 1;
  if (operation === "average-pooling") for (const one of inside) one.weight = 1 / inside.length;
  else inside.reduce((best, one) => (sign * one.value > sign * best.value ? one : best)).weight = 1;
  return parts;
}

/**
 * One layer on one image: {operation, x, w or poolSize, b, strides, padding, dilation, dy} -> {y, geometry, …}, with
 * {dy, dx, dw, db} where there is a dy, an array or a function of (i, j, f); or {error, values}: what must hold.
 */
export function compute(settings) {
  const { operation, x, dy } = settings;
  const w = isPooling(settings) ? null : settings.w;
  const [shape, kernel] = [shapeOf(x), w === null ? [settings.poolSize] : shapeOf(w)];
  if (!OPERATIONS.includes(operation)) return { error: "notKnown" };
  if (shape?.length !== 3) return { error: "notNumbers" };
  if (w !== null && (kernel?.length !== 4 || kernel[2] !== shape[2])) return { error: "notWeights" };
  const geometry = geometryOf(shape, w ? kernel.slice(0, 2) : settings.poolSize, settings);
  if (geometry.error) return geometry;
  const sizes = [...geometry.output, w ? kernel[3] : shape[2]];
  const b = filled([sizes[2]], (f) => (w && (settings.b?.[f] ?? settings.b)) || 0);
  const layer = { operation, x, w, b, shape, geometry, sizes };
  const y = (i, j, f) => partsOf(layer, i, j, f).reduce((sum, { value, weight }) => sum + value * weight, b[f]);
  return { ...layer, y: filled(sizes, y), ...(dy && gradients(layer, Array.isArray(dy) ? dy : filled(sizes, dy))) };
}

/** {dy, dx, dw, db}: what each output's gradient sends back to the pixels and to the weights, added up. */
function gradients(layer, dy) {
  const [dx, db] = [filled(layer.shape, () => 0), filled([layer.sizes[2]], () => 0)];
  const dw = layer.w && filled(shapeOf(layer.w), () => 0);
  filled(layer.sizes, (i, j, f) => {
    db[f] += dy[i][j][f];
    for (const { p, q, r, s, c, inside, value, weight } of partsOf(layer, i, j, f)) {
      if (inside) dx[r][s][c] += dy[i][j][f] * weight;
      if (dw) dw[p][q][c][f] += dy[i][j][f] * value;
    }
  });
  return { dy, dx, dw, db };
}

/** The parts of all outputs for which `test` holds, each with its output's place: [i, j, f]. */
export function everyPart(layer, test) {
  const found = (...place) => partsOf(layer, ...place).filter(test).map((part) => ({ ...part, place }));
  return filled(layer.sizes, found).flat(3);
}
