"""Fields as administrators shape them: custom ones, rules by role, layout. `user.fields` (book.py) answers."""
