"""Where images come from: MNIST, Fashion-MNIST, photographs of flowers, drawn letters; and whether what is found is right."""
