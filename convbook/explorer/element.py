"""`explorer(…)`: a convolution that a reader touches, in one line of any notebook."""

import html
import json

import numpy as np

from convbook.arguments import check_dy
from convbook.explorer.scripts import inline_script
from convbook.explorer.settings import POOLINGS, check_array, check_options, named_kernels, output_of, picture, with_channels
from convbook.explorer.static import STYLE, static_form

DEFAULTS = {"size": 8, "dilation": 1, "channels": 1, "filters": 1, "bias": 0}
DEFAULTS |= {"mode": "forward", "gradients": "ones", "at": (0, 0, 0)}


def explorer(
    image="digit", kernel="sobel-x", *, operation="convolution", kernel_size=None, stride=None, padding="valid", **more
):
    """An element that shows one layer on one small image, with every sum written out; for the end of a notebook's cell.

    `image` is a picture (digit, letter, photograph, ramp, edge) or an array (H, W) or (H, W, C); `kernel` a name
    (identity, blur, gaussian, sharpen, sobel-x, sobel-y, edges), names of several filters with commas, or an array
    (KH, KW), (KH, KW, C) or (KH, KW, C, F). `operation` is convolution, max-pooling, average-pooling or min-pooling;
    `stride` is 1, or the window's size for pooling. More options: size (of a named image), dilation, channels, filters,
    bias, mode ("forward" or "gradient"), gradients (dy: "ones", "one", "various" or an array), at (the output
    to begin with).
    ValueError if an option is unknown or no window fits.
    """
    pooled = operation in POOLINGS
    kernel_size = kernel_size or (2 if pooled else 3)
    options = {"operation": operation, "kernel_size": kernel_size, "stride": stride or (kernel_size if pooled else 1)}
    options |= {"padding": padding, **DEFAULTS}
    if unknown := set(more) - set(options):
        raise ValueError(f"Options must be some of {', '.join(options)}. Received: {', '.join(sorted(unknown))}")
    return Explorer(image, kernel, options | more)


class Explorer:
    """The element with its start: `_repr_mimebundle_` is what a notebook shows."""

    def __init__(self, image, kernel, options):
        check_options(options)
        self.image, self.kernel = image, kernel
        if isinstance(image, str):
            self.x = with_channels(picture(image, options["size"]), options["channels"])  # (H, W, C)
        else:
            self.x = check_array("image", image, (2, 3))
        options = options | {"channels": self.x.shape[2]}
        if isinstance(kernel, str):
            self.w = named_kernels(kernel, options["kernel_size"], options["channels"], options["filters"])
        else:
            self.w = check_array("kernel", kernel, (2, 3, 4))
            options |= {"kernel_size": self.w.shape[0], "filters": self.w.shape[3]}
        check_options(options)
        self.options = options
        self.y = output_of(self.x, self.w, options)
        if not isinstance(options["gradients"], str):
            check_dy(check_array("gradients", options["gradients"], (2, 3)), self.y.shape)

    def __repr__(self):
        """One sentence, the same each time: what a text shows in the element's place."""
        return f"[explorer] {self.sentence()}"

    def sentence(self):
        """What is shown, in words."""
        pooled = self.options["operation"] in POOLINGS
        size = (self.options["kernel_size"],) * 2 if pooled else self.w.shape[:2]
        kernel = "window" if pooled else f"kernel {self.kernel if isinstance(self.kernel, str) else 'of your own'}"
        image = self.image if isinstance(self.image, str) else "of your own"
        shapes = [" × ".join(map(str, shape[: 3 if shape[-1] > 1 else 2])) for shape in (self.x.shape, self.y.shape)]
        name = self.options["operation"].replace("-", " ")
        rates = f", dilation {self.options['dilation']}" if self.options["dilation"] > 1 and not pooled else ""
        steps = f"stride {self.options['stride']}, padding {self.options['padding']}{rates}"
        return f"{name}: image {image} ({shapes[0]}), {kernel} ({size[0]} × {size[1]}), {steps}; output {shapes[1]}"

    def attributes(self):
        """The attributes of the element: names as they are, arrays as JSON."""
        values = {"image": self.image, "kernel": self.kernel, **self.options}
        given = {name.replace("_", "-"): value for name, value in values.items()}
        texts = {
            name: value if isinstance(value, str) else json.dumps(np.asarray(value).tolist()) for name, value in given.items()
        }
        return " ".join(f'{name}="{html.escape(text)}"' for name, text in texts.items())

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The sentence, and the element with its static form and its script."""
        static = static_form(self.x, self.w if self.options["operation"] == "convolution" else None, self.y, self.sentence())
        element = f"<conv-explorer {self.attributes()}>{static}</conv-explorer>"
        return {"text/plain": repr(self), "text/html": f"{STYLE}\n{element}\n{inline_script('conv-explorer')}"}
