"""Measurements of the product against hand-written SQL, in a database that is made for them and dropped afterwards."""
