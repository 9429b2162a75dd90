"""The flow report: where gradients go, what cuts them, who shares memory, what keeps the graph alive."""
