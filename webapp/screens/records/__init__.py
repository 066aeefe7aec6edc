"""What pages of records show: lists, boards, the record itself, its import and print."""
