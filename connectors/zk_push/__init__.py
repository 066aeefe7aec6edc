"""中控 (ZKTeco) attendance terminals that push over HTTP (PUSH / ADMS, `/iclock/*`)."""
