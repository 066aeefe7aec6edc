"""What the process studio shows and offers: choices, previews, differences between versions."""
