"""The patch matrix in blocks: where its numbers come from, where they go back to, and that no window is missed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convbook import im2col, pad2d
from convbook.patches import Geometry

TWO = st.tuples(st.integers(1, 3), st.integers(1, 3))
PADDINGS = ["valid", "same", "full", 1, ((0, 1), (2, 0))]


@st.composite
def slides(draw):
    """Images of whole numbers, and the geometry of a kernel that slides over them."""
    n = draw(st.sampled_from([1, 2, 3, 40]))  # few images or many, which have another order in memory
    shape = [n, *(draw(st.integers(least, most)) for least, most in ((5, 8), (5, 8), (1, 3)))]
    x = np.random.default_rng(draw(st.integers(0, 2**32))).integers(-9, 10, shape).astype(float)
    rates = draw(st.tuples(st.integers(1, 2), st.integers(1, 2)))
    return x, Geometry.of(x.shape[1:3], draw(TWO), draw(TWO), draw(st.sampled_from(PADDINGS)), rates, n)


def everything(x, geometry):
    """The block that is the whole output: (images, rows)."""
    return slice(0, len(x)), slice(0, geometry.output[0])


def test_geometry_by_hand():
    """A 3×2 kernel with strides (2, 1) and "same" on a 5×4 image: a row above and below, a column on the right."""
    geometry = Geometry.of((5, 4), (3, 2), (2, 1), "same", 1)
    assert (geometry.kernel_size, geometry.strides, geometry.dilation_rate) == ((3, 2), (2, 1), (1, 1))
    assert (geometry.widths, geometry.output) == (((1, 1), (0, 1)), (3, 4))


def test_geometry_refuses_a_larger_kernel():
    """A kernel that spans more than the padded image is shown with it."""
    with pytest.raises(ValueError, match="Received: size=4, padding=0, kernel_size=3, dilation_rate=2"):
        Geometry.of((4, 9), 3, 1, "valid", 2)


def test_patches_by_hand():
    """A column of the patch matrix is one window; its rows are the kernel's pixels, one after another."""
    x = np.arange(6.0).reshape(1, 2, 3, 1)
    geometry = Geometry.of((2, 3), 2, 1, "valid", 1)
    block = everything(x, geometry)
    assert geometry.patches(geometry.planes(x), *block).tolist() == [[0, 1], [1, 2], [3, 4], [4, 5]]


def test_add_patches_by_hand():
    """Numbers of windows that overlap are added, to what is there already."""
    geometry = Geometry.of((1, 3), (1, 2), 1, "valid", 1)
    planes = np.array([1000.0, 2000.0, 3000.0]).reshape(1, 1, 1, 3)
    geometry.add_patches(planes, np.array([[1.0, 2.0], [10.0, 20.0]]), slice(0, 1), slice(0, 1))
    assert planes.ravel().tolist() == [1001, 2012, 3020]


@given(slide=slides())
def test_planes_are_the_padded_images(slide):
    """Planes are the padded images with their channels first, a copy; crop undoes both."""
    x, geometry = slide
    planes = geometry.planes(x)
    np.testing.assert_array_equal(planes, pad2d(x, geometry.widths).transpose(3, 0, 1, 2))
    np.testing.assert_array_equal(geometry.crop(planes), x)
    assert not np.shares_memory(planes, x)


@given(slide=slides())
def test_patches_are_the_columns_of_im2col(slide):
    """The patch matrix of the whole output is im2col, transposed, with the windows in the geometry's order."""
    x, geometry = slide
    patches = geometry.patches(geometry.planes(x), *everything(x, geometry))
    options = geometry.kernel_size, geometry.strides, geometry.widths, geometry.dilation_rate
    rows = im2col(x, *options)
    rows = geometry.windows_of(rows.reshape(len(x), *geometry.output, -1)).reshape(rows.shape)
    np.testing.assert_array_equal(patches, rows.T)


@given(slide=slides(), seed=st.integers(0, 2**32))
def test_add_patches_is_the_adjoint_of_patches(slide, seed):
    """sum(patches(x) z) = sum(x add_patches(z)), to the last digit on whole numbers."""
    x, geometry = slide
    block = everything(x, geometry)
    patches = geometry.patches(geometry.planes(x), *block)
    z = np.random.default_rng(seed).integers(-9, 10, patches.shape).astype(float)
    planes = np.zeros_like(geometry.planes(x))
    geometry.add_patches(planes, z, *block)
    assert (patches * z).sum() == (x * geometry.crop(planes)).sum()


@pytest.mark.parametrize("block", [1, 50, 300, 2**18])
@given(slide=slides())
def test_blocks_cover_every_window_once(block, slide):
    """Each row of each image's output is in one block, and one only."""
    x, geometry = slide
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("convbook.patches.BLOCK", block)
        blocks = geometry.blocks(len(x), x.shape[3])
    seen = np.zeros((len(x), geometry.output[0]), int)
    for images, rows in blocks:
        assert images.start < images.stop <= len(x) and rows.start < rows.stop <= geometry.output[0]
        seen[images, rows] += 1
    np.testing.assert_array_equal(seen, 1)


@pytest.mark.parametrize("block", [1, 50, 300, 2**18])
@given(slide=slides())
def test_blocks_are_no_larger_than_they_may(block, slide):
    """The patch matrix of a block holds at most BLOCK numbers, unless one row of one image holds more."""
    x, geometry = slide
    planes = geometry.planes(x)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("convbook.patches.BLOCK", block)
        for images, rows in geometry.blocks(len(x), x.shape[3]):
            one_row = images.stop - images.start == rows.stop - rows.start == 1
            assert one_row or geometry.patches(planes, images, rows).size <= block


@given(slide=slides())
def test_blocks_together_are_the_patch_matrix(slide):
    """The blocks' patches, and what they add back, are those of the whole: the smallest blocks and the largest."""
    x, geometry = slide
    planes = geometry.planes(x)
    whole, sums = np.zeros_like(planes), []
    geometry.add_patches(whole, geometry.patches(planes, *everything(x, geometry)), *everything(x, geometry))
    for block in (1, 100, 2**18):
        sums.append(np.zeros_like(planes))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("convbook.patches.BLOCK", block)
            for part in geometry.blocks(len(x), x.shape[3]):
                geometry.add_patches(sums[-1], geometry.patches(planes, *part), *part)
    for added in sums:
        np.testing.assert_array_equal(added, whole)


def test_blocks_of_no_images_are_none():
    """An empty batch has no block."""
    assert Geometry.of((5, 5), 3, 1, "valid", 1).blocks(0, 2) == []
