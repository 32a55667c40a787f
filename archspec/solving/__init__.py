"""Will it fit, and how large may it be: questions about a budget of bytes, answered in exact integers."""
