"""What one branch changes in a process, where headquarters allows it: assignees, due times, forms, decisions.

`saving` is what others call; `overlay` the pure part; `storing` finds the revision a new case keeps.
"""
