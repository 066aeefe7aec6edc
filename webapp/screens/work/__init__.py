"""What pages of work show: the inbox, a task, a case, its forms."""
