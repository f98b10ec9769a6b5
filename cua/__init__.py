"""A local daemon that operates a desktop, a browser and a phone, and practises by itself."""
