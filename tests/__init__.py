"""The promises, tested on real things."""
