"""Between the grader and a learning platform: its archives of submissions, its lists of people, its tables of grades."""
