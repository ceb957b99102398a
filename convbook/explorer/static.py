"""The form of an explorer where no script runs: tables of numbers, in the place that the live element will take."""

import html

import numpy as np

# Both forms have the same height, so that the page does not move when the script begins: `--panel` is the side of a map.
STYLE = """<style>
conv-explorer { display: block; margin: 1rem 0; container-type: inline-size; --rows: 1; }
conv-explorer[mode=gradient] { --rows: 2; }
conv-explorer > .ce, conv-explorer > .ce-static { --panel: calc(min(300px, 100cqw - 22px) + 35px);
  min-height: calc((1 + var(--rows)) * var(--panel) + var(--rows) * 170px + 240px); }
@container (min-width: 600px) {
  conv-explorer > .ce, conv-explorer > .ce-static { --panel: calc(min(300px, (100cqw - 42px) * 5 / 13) + 35px);
    min-height: calc(var(--rows) * var(--panel) + 396px); } }
conv-explorer > .ce-static { height: 0; overflow: auto; }
.text_html:has(> conv-explorer) { background: none !important; color: inherit !important; padding: 0 !important; }
.ce-static td { text-align: right; padding: 2px 4px; border: 1px solid #888; font: 12px/1.3 system-ui, sans-serif; }
.ce-static table { width: auto; margin: 0 0 8px; border-collapse: collapse; }
.ce-static caption { caption-side: top; text-align: left; color: inherit; }
</style>"""


def static_form(x, w, y, sentence):
    """The input x (H, W, C), the kernels w (KH, KW, C, F) or None, and the output y (OH, OW, F), as tables."""
    arrays = {"Input x": x, "Output y": y}
    if w is not None:
        kernels = {f"Kernel w, filter {f}": w[..., f] for f in range(w.shape[3])}
        arrays = {"Input x": x, **(kernels if w.shape[3] > 1 else {"Kernel w": w[..., 0]}), "Output y": y}
    tables = [table(name, array, c) for name, array in arrays.items() for c in range(array.shape[2])]
    intro = f'<p lang="en">{html.escape(sentence[0].upper() + sentence[1:])}.</p>'
    start = '<div class="ce-static" role="group" aria-label="Convolution explorer" tabindex="0">'
    return f"{start}{intro}{''.join(tables)}</div>"


def table(name, array, c):
    """Plane c of an array (H, W, C) as a table with its numbers on their colours."""
    caption = name if array.shape[2] == 1 else f"{name}, plane {c}"
    largest, signed = np.abs(array).max() or 1.0, bool((array < 0).any())
    cell = '<td style="{}">{}</td>'.format
    rows = ["".join(cell(colours(value / largest, signed), number(value)) for value in row) for row in array[:, :, c]]
    return f"<table><caption>{caption}</caption>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def colours(share, signed):
    """The style of a cell: gray from 0 to 1, or light blue (-1), white (0), light red (1), with a text that contrasts."""
    if not signed:
        level = round(255 * float(share))
        return f"background:rgb({level},{level},{level});color:{'#000' if level > 118 else '#fff'}"
    fade = 255 - round(110 * abs(float(share)))
    return f"background:rgb({'255,{0},{0}' if share > 0 else '{0},{0},255'});color:#000".replace("{0}", str(fade))


def number(value):
    """A number with at most 4 significant digits and a true minus sign.

    >>> number(-0.5), number(1 / 3), number(123456)
    ('−0.5', '0.3333', '123500')
    """
    rounded = float(f"{round(float(value), 9) + 0.0:.4g}")
    return np.format_float_positional(rounded, trim="-").replace("-", "−")


NETWORK_STYLE = """<style>
digit-network { display: block; margin: 1rem 0; container-type: inline-size; }
digit-network > div { --rows: PHONE; box-sizing: border-box; display: flow-root;
  min-height: calc(min(300px, 100cqw - 22px) + var(--rows) * (100cqw - 22px) / 8 + HEADSpx + 718px); }
@container (min-width: 600px) {
  digit-network > div { --rows: WIDE; --top: max(262px, min(324px, (100cqw - 62px) / 3 + 24px));
    min-height: calc(var(--top) + var(--rows) * (100cqw - 22px) / 16 + HEADSpx + 160px); } }
</style>"""


def network_form(sentence, stages):
    """The element <digit-network> with its static form, as high as the live one; `stages` are (type, shape) of its maps."""
    rows = {"PHONE": sum(-(-shape[2] // 8) for _, shape in stages), "WIDE": sum(-(-shape[2] // 16) for _, shape in stages)}
    style = NETWORK_STYLE
    for name, value in {**rows, "HEADS": 34 * len(stages)}.items():
        style = style.replace(name, str(value))
    text = f'<p lang="en">A trained network, {html.escape(sentence)}. It reads what you draw where scripts run.</p>'
    return f"{style}\n<digit-network><div>{text}</div></digit-network>"
