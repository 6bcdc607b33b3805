"""The parts of the engine that are fitted, and checks of the engine as a whole."""
