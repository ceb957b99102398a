"""The wall: what talks to a student's process, and what crosses. What runs behind it lies in `inside`."""
