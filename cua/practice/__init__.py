"""How it gets better: explore, set tasks, try, judge, prove, admit."""
