"""The parts of the HTML page: the river folded, laid out and drawn, and the source listing."""
