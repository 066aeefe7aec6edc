"""E-mail: SMTP out, POP3 in, replies and bounces matched to what they answer."""
