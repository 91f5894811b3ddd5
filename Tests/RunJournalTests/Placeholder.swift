// Placeholder until the first test of the module lands.
