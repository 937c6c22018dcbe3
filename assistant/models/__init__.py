"""Translation models: catalogue, installation, training and evaluation."""
