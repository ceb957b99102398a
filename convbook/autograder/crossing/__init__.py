"""What crosses the wall, in both directions and on both sides: plain data, and the special methods that can be asked for."""
