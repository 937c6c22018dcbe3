"""Reading and mixing the text that the embedded translation models learn from."""
