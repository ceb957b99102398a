"""Elements of a page that a reader touches: a layer with its arithmetic, and (`digit_network`) a network that reads digits.

>>> from convbook.explorer import explorer
>>> explorer(image="digit", kernel="sobel-x", stride=2)
[explorer] convolution: image digit (8 × 8), kernel sobel-x (3 × 3), stride 2, padding valid; output 3 × 3
"""

from convbook.explorer.element import explorer

__all__ = ["explorer"]
