"""The recipe of weights/embeddings/*.safetensors, in an environment of its own."""
