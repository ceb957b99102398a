"""A network with the weights of ImageNet, read from a file of PyTorch without PyTorch, and without running what it says."""
