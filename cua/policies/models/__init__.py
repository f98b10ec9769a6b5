"""How models are asked, and what they say: endpoints, languages, and what they are told."""
