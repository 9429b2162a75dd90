"""all-MiniLM-L6-v2 on upriver: the encoder, its tokens, where its weights come from, and its training."""
