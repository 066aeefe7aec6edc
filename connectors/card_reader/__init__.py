"""Serial ID-card and IC-card readers (RDM6300 / EM4100 frames, lines, fixed blocks, Wiegand converters)."""
