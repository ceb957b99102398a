"""What a student gets back: one page that needs nothing but itself, made of the graded notebook and of the gradebook."""
