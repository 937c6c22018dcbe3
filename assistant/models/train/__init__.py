"""Training of the embedded translation models: vocabulary, network, loop, export."""
