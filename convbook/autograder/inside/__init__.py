"""Behind the wall: this code shares a process with a student's, and knows nothing that is worth knowing."""
