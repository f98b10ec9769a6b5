"""Eyes and hands: one module a kind of target. Sees only `cua.core` and `cua.errors`."""
