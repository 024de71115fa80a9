"""The demo's input: a small harbour town, made from the texts in `stock/`."""
