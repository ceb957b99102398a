"""Fashion-MNIST: photographs of clothes in MNIST's shape, from a local folder or by Keras' download."""

from convbook.datasets.mnist import load_embedded
from convbook.datasets.sources import ImageSet, wants_full

FASHION_MNIST = ImageSet(
    name="Fashion-MNIST",
    images="images",
    module="fashion_mnist",
    kept="fashion-mnist/t10k-images-idx3-ubyte.gz",  # the last of four files
    sha256="ca3ab2a37f845e1b8ae23cab1b51749a3011ba3bf1d9016176d75cbaabac376f",
)
CLOTHES = ["T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"]
DIGITS = [str(digit) for digit in range(10)]


def load_fashion_mnist(full=None):
    """(x_train, y_train), (x_test, y_test), class_names: uint8 images (N, 28, 28) of 0 to 255, uint8 labels (N,), ten names.

    All 60,000 + 10,000 images, from the first of these that there is: the file `fashion_mnist.npz` in the folder
    CONVBOOK_DATA (default ~/.cache/convbook); Keras' own download. Without both, or with `full=False`, the 5,000
    digits that come with the package, which have the same shapes. Prints which it was; class_names tells too.
    `full=None` is True if the environment says CONVBOOK_FULL=1, or if it names a folder in CONVBOOK_DATA.
    ValueError for a file that is not Fashion-MNIST. Source: Xiao, Rasul and Vollgraf, https://arxiv.org/abs/1708.07747.
    """
    if wants_full() if full is None else full:
        found = FASHION_MNIST.find(instead="the 5,000 digits that come with the package stand in for it")
        if found:
            return *found, CLOTHES
    else:
        print("Fashion-MNIST: the 5,000 digits that come with the package stand in for it (CONVBOOK_FULL=1 takes all 70,000).")
    return *load_embedded(), DIGITS
