"""The wall, from our side: the sandbox, the process in it as functions and objects of ours, and a process for models."""
